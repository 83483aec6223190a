export * from './notification.events.js';
export * from './notification.schema.js';
export * from './notification.service.js';
export * from './notifications.module.js';
export * from './role-keeper.js';
export * from './report/delivery-report.service.js';
export * from './schedule/notification-scheduler.js';
export * from './templates/template.service.js';
