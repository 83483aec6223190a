import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from './bigint-as-number.js';

/** A file that messages may refer to; its bytes are in the attachment store, under its id. */
@Entity('attachments')
@Index('ix_attachments_owner', ['ownerId'])
@Index('ix_attachments_created', ['createdAt'])
export class AttachmentEntity {
  @PrimaryColumn({ type: 'varchar', length: 36 })
  id: string;

  @Column({ name: 'owner_id', type: 'varchar', length: 120 })
  ownerId: string;

  @Column({ type: 'varchar', length: 255 })
  name: string;

  /** Media type. */
  @Column({ type: 'varchar', length: 127 })
  mime: string;

  /** Bytes. */
  @Column({ type: 'bigint', transformer: bigintAsNumber })
  size: number;

  /** Hex. */
  @Column({ type: 'varchar', length: 64 })
  sha256: string;

  /** Milliseconds since the epoch. */
  @Column({ name: 'created_at', type: 'bigint', transformer: bigintAsNumber })
  createdAt: number;
}

/** A message that refers to an attachment: its readers may see it, and it is kept. */
@Entity('attachment_references')
@Index('ix_attachment_references_entry', ['conversationId', 'seq'])
export class AttachmentReferenceEntity {
  @PrimaryColumn({ name: 'attachment_id', type: 'varchar', length: 36 })
  attachmentId: string;

  @PrimaryColumn({ name: 'conversation_id', type: 'varchar', length: 255 })
  conversationId: string;

  @PrimaryColumn({ type: 'bigint', transformer: bigintAsNumber })
  seq: number;
}
