import { z } from 'zod';

/** Free name of what is told, chosen by the publisher: `order_status`, `maintenance`, … */
export const NotificationType = z.string().regex(/^[\w.:-]{1,64}$/, 'Letters, digits and _ . : - only');

/** What a notification says; comes out as it went in. */
export const NotificationContent = z.json();
