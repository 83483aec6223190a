/** A command of your own: who draws in a group is seen drawing by its members. Live only, nothing is stored. */
import { Module } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { AppError, CurrentConnection, ErrorCode, HubService, type Connection } from 'rookery';
import { z } from 'zod';

const point = z.tuple([z.number(), z.number()]);
const Stroke = z.strictObject({
  group: z.string().min(1).max(128),
  points: z.array(point).min(1).max(200),
});
type Stroke = z.infer<typeof Stroke>;

@WebSocketGateway()
export class WhiteboardGateway {
  constructor(private readonly hub: HubService) {}

  /** Wrong fields are refused before this is called; who is no member learns nothing of the group. */
  @SubscribeMessage('whiteboard.draw')
  async draw(
    @CurrentConnection() { id, userId }: Connection,
    @MessageBody({ schema: Stroke }) { group, points }: Stroke,
  ) {
    await this.hub.attend(userId);
    if (!this.hub.isMember(userId, group)) throw new AppError(ErrorCode.NotFound);
    const stroke = { group, points, by: userId };
    return { reached: this.hub.sendToConversation(group, 'whiteboard.stroke', stroke, { except: id }) };
  }
}

@Module({ providers: [WhiteboardGateway] })
export class WhiteboardModule {}
