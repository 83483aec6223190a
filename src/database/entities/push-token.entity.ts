import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** Where one device of a user can be reached while it is not connected. */
@Entity('push_tokens')
@Index('ix_push_tokens_user', ['userId'])
export class PushTokenEntity {
  /** SHA-256 of provider and token, hexadecimal: who registers a token takes it from whoever had it. */
  @PrimaryColumn({ type: 'varchar', length: 64 })
  id: string;

  @Column({ name: 'user_id', type: 'varchar', length: 120 })
  userId: string;

  @Column({ type: 'varchar', length: 32 })
  provider: string;

  /** JSON, as the provider accepted it. */
  @Column({ type: 'text' })
  token: string;

  /** Null: a device without a name. */
  @Column({ name: 'device_id', type: 'varchar', length: 64, nullable: true })
  deviceId: string | null;

  /** Milliseconds since the epoch. */
  @Column({ name: 'created_at', type: 'bigint', transformer: bigintAsNumber })
  createdAt: number;
}
