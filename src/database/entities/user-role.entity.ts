import { Entity, Index, PrimaryColumn } from 'typeorm';

/** A role that a user's token had when he was last seen: who a broadcast to a role is for, as far as anybody can say. */
@Entity('user_roles')
@Index('ix_user_roles_user', ['userId'])
export class UserRoleEntity {
  @PrimaryColumn({ type: 'varchar', length: 64 })
  role: string;

  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 120 })
  userId: string;
}
