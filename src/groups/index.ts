export * from './group-hooks.js';
export { groupPostRule } from './group-post-rule.js';
export * from './group.events.js';
export { GroupDraft, GroupId } from './group.schema.js';
export { GroupService, type CreatedGroup, type GroupOptions, type GroupResult } from './group.service.js';
export * from './groups.module.js';
