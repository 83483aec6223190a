import { Controller, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NotificationService, RookeryModule, attachRookery } from 'rookery';

@Controller('orders')
class OrderController {
  constructor(private readonly notifications: NotificationService) {}

  @Post(':id/paid')
  paid(@Param('id') id: string) {
    return this.notifications.notifyUser('bob', { type: 'order_status', content: { id, status: 'paid' } });
  }
}

@Module({ imports: [RookeryModule.forRoot()], controllers: [OrderController] })
class ShopModule {}

const app = await NestFactory.create(ShopModule);
attachRookery(app);
app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
await app.listen(process.env.PORT ?? 3000);
