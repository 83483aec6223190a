import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** What one user is to another, as the owner of the row sees it; follows from the state of their direct conversation. */
@Entity('contacts')
@Index('ix_contacts_status', ['ownerId', 'status', 'otherId'])
export class ContactEntity {
  @PrimaryColumn({ name: 'owner_id', type: 'varchar', length: 120 })
  ownerId: string;

  @PrimaryColumn({ name: 'other_id', type: 'varchar', length: 120 })
  otherId: string;

  /** `contact`, `outgoing`, `incoming` or `none`. */
  @Column({ type: 'varchar', length: 16 })
  status: string;

  /** 1: the owner has blocked the other. */
  @Column({ type: 'smallint' })
  blocked: number;

  /** 1: one of the two has blocked the other. */
  @Column({ type: 'smallint' })
  suspended: number;

  /** The owner's own name for the other. */
  @Column({ type: 'varchar', length: 64, nullable: true })
  remark: string | null;

  /** What was said with a request that has no answer yet. */
  @Column({ type: 'varchar', length: 200, nullable: true })
  message: string | null;

  /** Milliseconds since the epoch. */
  @Column({ name: 'changed_at', type: 'bigint', transformer: bigintAsNumber })
  changedAt: number;
}
