// A text browser does it too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { PASSWORD, WORK, firstBoot, openssl } from './console.mjs';

test('lynx makes a request, from first boot to download', async (t) => {
  const console_ = await firstBoot(t);
  const saved = path.join(WORK, 'by-lynx.csr');
  fs.rmSync(saved, { force: true });
  const args = ['tests/browser/lynx.py', console_.address, console_.code, PASSWORD, saved];
  const { status, stderr } = spawnSync(path.join(WORK, 'venv/bin/python'), args, { encoding: 'utf8', timeout: 240_000 });
  assert.equal(status, 0, stderr);
  const read = openssl(['req', '-in', saved, '-noout', '-verify', '-text', '-nameopt', 'utf8']);
  assert.match(read, /C ?= ?IS, ST ?= ?Hofud, L ?= ?Reykjavik, O ?= ?Example hf/);
  assert.match(read, /IP Address:192\.0\.2\.7, DNS:nas\.example\.org/);
});
