export { AttachmentStore, type ByteRange } from './attachment-store.js';
export * from './attachments.module.js';
export { AttachmentsService, type Uploaded } from './attachments.service.js';
export { LocalAttachmentStore } from './local-attachment-store.js';
export { S3AttachmentStore } from './s3-attachment-store.js';
