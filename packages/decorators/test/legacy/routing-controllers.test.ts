import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import {
  Authorized,
  Delete,
  Get,
  HttpCode,
  JsonController,
  OnUndefined,
  Param,
  useContainer,
  useExpressServer,
} from 'routing-controllers';
import { createCache } from '@cache/core';
import { Cached, CacheResource, Evicts } from '../../src/index.ts';

const asked: string[] = [];
const cache = createCache();

class Database {
  async find(id: string): Promise<{ id: string }> {
    asked.push(id);
    return { id };
  }
}

@JsonController('/users')
@CacheResource({ name: 'user', cache: () => cache })
class UserController {
  constructor(private readonly database: Database) {}

  @Get('/above/:id')
  @Authorized('clerk')
  @HttpCode(203)
  @Cached({ name: 'user.above', key: (id: string) => id })
  async above(@Param('id') id: string): Promise<{ id: string }> {
    return this.database.find(id);
  }

  @Cached({ key: (id: string) => id })
  @Get('/below/:id')
  @Authorized('clerk')
  @HttpCode(203)
  async below(@Param('id') id: string): Promise<{ id: string }> {
    return this.database.find(id);
  }

  @Delete('/below/:id')
  @OnUndefined(204)
  @Evicts({ key: (id: string) => id })
  async remove(@Param('id') _id: string): Promise<void> {
    await Promise.resolve();
  }
}

describe('in routing-controllers', () => {
  let server: Server;

  beforeAll(async () => {
    const database = new Database();
    const instances = new Map<unknown, unknown>([[UserController, new UserController(database)]]);
    useContainer({ get: <T>(type: new () => T): T => (instances.get(type) as T | undefined) ?? new type() });
    const app = useExpressServer(express(), {
      controllers: [UserController],
      authorizationChecker: (action, roles) =>
        roles.includes((action.request as { headers: Record<string, string> }).headers['x-role']!),
      defaultErrorHandler: true,
    }) as express.Express;
    await new Promise<void>((resolve) => {
      server = app.listen(0, '127.0.0.1', () => resolve());
    });
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => {
    asked.length = 0;
  });

  async function call(path: string, role = 'nobody', method = 'GET'): Promise<[number, string]> {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/users${path}`, { method, headers: { 'x-role': role } });
    return [response.status, await response.text()];
  }

  test.each(['/above/1', '/below/1'])(
    'a controller is cached behind its authorization, and its hits ask no database: %s',
    async (path) => {
      expect((await call(path))[0]).toBe(403);
      const answers = [await call(path, 'clerk'), await call(path, 'clerk')];
      expect(answers).toEqual([
        [203, '{"id":"1"}'],
        [203, '{"id":"1"}'],
      ]);
      expect((await call(path))[0]).toBe(403);
      expect(asked).toEqual(['1']);
    },
  );

  test('an action evicts what another one has cached', async () => {
    await call('/below/2', 'clerk');
    expect(await call('/below/2', 'clerk', 'DELETE')).toEqual([204, '']);
    await call('/below/2', 'clerk');
    expect(asked).toEqual(['2', '2']);
  });
});
