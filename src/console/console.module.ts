import { Module, type DynamicModule } from '@nestjs/common';
import { ChatPage } from './chat-page.js';
import { ChatPageController } from './chat-page.controller.js';
import { ChatSessionController } from './chat-session.controller.js';

/** The chat page and its demo sign-in; without `CHAT_PAGE` there is neither, not even a route. */
@Module({})
export class ConsoleModule {
  static forRoot({ chatPage }: { chatPage: boolean }): DynamicModule {
    if (!chatPage) return { module: ConsoleModule };
    return {
      module: ConsoleModule,
      controllers: [ChatSessionController, ChatPageController],
      providers: [ChatPage],
    };
  }
}
