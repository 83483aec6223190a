/** A back-end service says that an order is paid: the customer is told once, on all devices, also if he is away. */
import { Body, Controller, HttpCode, Module, Param, Post, UseGuards } from '@nestjs/common';
import { AuthGuard, NotificationService, Roles, RolesGuard } from 'rookery';
import { z } from 'zod';

const Payment = z.strictObject({ customer: z.string().min(1), total: z.number().positive() });
type Payment = z.infer<typeof Payment>;

@Controller('orders')
@UseGuards(AuthGuard, RolesGuard)
@Roles('billing')
export class OrderController {
  constructor(private readonly notifications: NotificationService) {}

  /** Answers after the commit. A repeated call, with the same key, is stored once and pushed once. */
  @Post(':id/paid')
  @HttpCode(202)
  async paid(@Param('id') id: string, @Body({ schema: Payment }) { customer, total }: Payment) {
    const { duplicate } = await this.notifications.notifyUser(customer, {
      type: 'order_status',
      content: { id, status: 'paid', total },
      key: `order-${id}-paid`,
    });
    return { told: customer, duplicate };
  }
}

@Module({ controllers: [OrderController] })
export class OrderModule {}
