import { Controller, Module, Param, Post } from '@nestjs/common';
import { NotificationService, createApp, loadEnvironment } from 'rookery';

@Controller('orders')
class OrderController {
  constructor(private readonly notifications: NotificationService) {}

  @Post(':id/paid')
  paid(@Param('id') id: string) {
    return this.notifications.notifyUser('bob', { type: 'order_status', content: { id, status: 'paid' } });
  }
}

@Module({ controllers: [OrderController] })
class OrderModule {}

const config = loadEnvironment();
const app = await createApp(config, [OrderModule]);
app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
await app.listen(config.http.port, config.http.host);
