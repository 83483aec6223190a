import { Injectable, VERSION_NEUTRAL, type Type } from '@nestjs/common';
import { EXCEPTION_FILTERS_METADATA, VERSION_METADATA } from '@nestjs/common/internal';
import { HttpExceptionFilter } from './http-exception.filter.js';

/** Which controllers are validated and answered in our way: all, or in somebody else's application only our own. */
export class ControllerScope {
  constructor(private readonly own?: ReadonlySet<unknown>) {}

  includes(controller: unknown): boolean {
    return !this.own || this.own.has(controller);
  }

  /** Ours where they are not all; empty where they are. */
  get limitedTo(): Iterable<Type> {
    return (this.own ?? []) as Iterable<Type>;
  }
}

/** An instance: of classes Nest makes one when it looks through the modules, which is before {@link ControllerFilters}. */
const FILTER = new HttpExceptionFilter();

/**
 * Gives {@link HttpExceptionFilter} to our controllers where it must not be everybody's, and keeps their paths from the
 * versions of that application. Works in the constructor: routes are made before any lifecycle hook runs.
 */
@Injectable()
export class ControllerFilters {
  constructor(scope: ControllerScope) {
    for (const controller of scope.limitedTo) {
      Reflect.defineMetadata(VERSION_METADATA, VERSION_NEUTRAL, controller);
      const others: unknown[] = Reflect.getMetadata(EXCEPTION_FILTERS_METADATA, controller) ?? [];
      if (others.includes(FILTER)) continue;
      Reflect.defineMetadata(EXCEPTION_FILTERS_METADATA, [FILTER, ...others], controller);
    }
  }
}
