import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** How far one device of a user has got in one conversation. */
@Entity('device_cursors')
export class DeviceCursorEntity {
  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 120 })
  userId: string;

  @PrimaryColumn({ name: 'device_id', type: 'varchar', length: 64 })
  deviceId: string;

  @PrimaryColumn({ name: 'conversation_id', type: 'varchar', length: 255 })
  conversationId: string;

  @Column({ name: 'delivered_seq', type: 'bigint', transformer: bigintAsNumber })
  deliveredSeq: number;
}
