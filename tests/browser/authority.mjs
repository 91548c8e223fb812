// A private CA that issues with any names and dates: root, issuing CA, and certificates for a console's requests.
import fs from 'node:fs';
import path from 'node:path';
import { WORK, openssl } from './console.mjs';

const CNF = `[ca]
database = DIR/index
new_certs_dir = DIR
unique_subject = no
certificate = DIR/ca.crt
private_key = DIR/ca.key
default_md = sha256
policy = any
rand_serial = yes
[any]
commonName = optional
`;

export class Authority {
  constructor() {
    this.folder = fs.mkdtempSync(path.join(WORK, 'ca-'));
    const file = (name) => path.join(this.folder, name);
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    openssl(['req', '-x509', ...key, '-keyout', file('root.key'), '-out', file('root.crt'), '-subj', '/O=Example Trust/CN=Example Root', '-days', '3000']);
    openssl(['req', ...key, '-keyout', file('ca.key'), '-out', file('ca.csr'), '-subj', '/O=Example Trust/CN=Example Issuing CA 1']);
    fs.writeFileSync(file('ca.ext'), 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n');
    openssl(['x509', '-req', '-in', file('ca.csr'), '-CA', file('root.crt'), '-CAkey', file('root.key'), '-set_serial', '1', '-days', '2000', '-extfile', file('ca.ext'), '-out', file('ca.crt')]);
    fs.writeFileSync(file('cnf'), CNF.replaceAll('DIR', this.folder));
    fs.writeFileSync(file('index'), '');
    this.issuing = fs.readFileSync(file('ca.crt'), 'utf8');
    this.root = fs.readFileSync(file('root.crt'), 'utf8');
  }

  // A certificate for a request of `console_` with these names, valid from and to so many milliseconds from now. Of the subject
  // it has the common name alone, as public CAs give it.
  issue(console_, name, names, { from = -60_000, to, usage = 'serverAuth' }) {
    const file = (end) => path.join(this.folder, `${name}.${end}`);
    const date = (offset) => new Date(Date.now() + offset).toISOString().replace(/[-:T]|\.\d+/g, '');
    fs.writeFileSync(file('ext'), `subjectAltName=${names}\nextendedKeyUsage=${usage}\nkeyUsage=critical,digitalSignature,keyEncipherment\n`);
    console_.signet('csr', 'export', name, '--out', file('csr'));
    openssl(['ca', '-batch', '-notext', '-name', 'ca', '-config', path.join(this.folder, 'cnf'), '-in', file('csr'), '-out', file('crt'), '-startdate', date(from), '-enddate', date(to), '-extfile', file('ext')]);
    const pem = fs.readFileSync(file('crt'), 'utf8');
    for (const end of ['csr', 'ext', 'crt']) fs.rmSync(file(end));
    return pem;
  }

  // The same, added to its request with the chain.
  add(console_, name, names, terms) {
    const file = path.join(this.folder, 'answer.pem');
    fs.writeFileSync(file, this.issue(console_, name, names, terms) + this.issuing + (terms.root === false ? '' : this.root));
    console_.signet('csr', 'answer', name, '--certificate', file);
  }

  close() {
    fs.rmSync(this.folder, { recursive: true });
  }
}

export const DAY = 86_400_000;
