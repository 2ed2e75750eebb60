import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  Delete,
  type ExecutionContext,
  Get,
  type INestApplication,
  Inject,
  Injectable,
  Module,
  Param,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import { type Cache, createCache } from '@cache/core';
import { Cached, CacheResource, Evicts } from '../../src/index.ts';

const cacheToken = Symbol('cache');
const asked: string[] = [];

@Injectable()
class Database {
  async find(id: string): Promise<{ id: string }> {
    asked.push(id);
    return { id };
  }
}

@Injectable()
@CacheResource({ name: 'user' })
class Users {
  constructor(
    private readonly database: Database,
    @Inject(cacheToken) readonly cache: Cache,
  ) {}

  @Cached({ key: (id: string) => id })
  async findById(id: string): Promise<{ id: string }> {
    return this.database.find(id);
  }

  @Evicts({ key: (id: string) => id })
  async remove(_id: string): Promise<void> {
    await Promise.resolve();
  }
}

/** Lets pass who has the role that the handler names. */
@Injectable()
class RoleGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const role = this.reflector.get<string>('role', context.getHandler());
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>();
    return role !== undefined && request.headers['x-role'] === role;
  }
}

@Controller('users')
@CacheResource({ name: 'page' })
class UserController {
  constructor(
    private readonly users: Users,
    private readonly database: Database,
    @Inject(cacheToken) readonly cache: Cache,
  ) {}

  @Get(':id')
  find(@Param('id') id: string): Promise<{ id: string }> {
    return this.users.findById(id);
  }

  @Delete(':id')
  async remove(@Param('id') id: string): Promise<void> {
    await this.users.remove(id);
  }

  @Cached({ name: 'page.above', key: (id: string) => id })
  @Get('cached-above/:id')
  @UseGuards(RoleGuard)
  @SetMetadata('role', 'clerk')
  async cachedAbove(@Param('id') id: string): Promise<{ id: string }> {
    return this.database.find(`above ${id}`);
  }

  @Get('cached-below/:id')
  @UseGuards(RoleGuard)
  @SetMetadata('role', 'clerk')
  @Cached({ name: 'page.below', key: (id: string) => id })
  async cachedBelow(@Param('id') id: string): Promise<{ id: string }> {
    return this.database.find(`below ${id}`);
  }
}

@Module({
  controllers: [UserController],
  providers: [Database, Users, RoleGuard, { provide: cacheToken, useFactory: () => createCache() }],
})
class AppModule {}

describe('in NestJS', () => {
  let app: INestApplication;
  let url: string;

  beforeAll(async () => {
    app = await NestFactory.create(AppModule, { logger: false });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  afterAll(() => app.close());
  beforeEach(() => {
    asked.length = 0;
  });

  async function get(path: string, role = 'nobody'): Promise<unknown> {
    const response = await fetch(`${url}/users/${path}`, { headers: { 'x-role': role } });
    return response.ok ? response.json() : response.status;
  }

  test('a service has its dependencies and its cache injected, and hits ask no database', async () => {
    expect([await get('1'), await get('1')]).toEqual([{ id: '1' }, { id: '1' }]);
    expect(asked).toEqual(['1']);
    await fetch(`${url}/users/1`, { method: 'DELETE' });
    await get('1');
    expect(asked).toEqual(['1', '1']);
  });

  test.each(['above', 'below'])(
    'a handler is cached with the decorator %s the others, behind its guard',
    async (place) => {
      const path = `cached-${place}/1`;
      expect(await get(path)).toBe(403);
      expect([await get(path, 'clerk'), await get(path, 'clerk')]).toEqual([
        { id: `${place} 1` },
        { id: `${place} 1` },
      ]);
      expect(await get(path)).toBe(403);
      expect(asked).toEqual([`${place} 1`]);
    },
  );
});
