import { Module } from '@nestjs/common';
import { AdminController } from './admin.controller.js';
import { AdminService } from './admin.service.js';
import { LogoutController } from './logout.controller.js';

@Module({ controllers: [AdminController, LogoutController], providers: [AdminService] })
export class AdminModule {}
