<?php
// The login and the list of requests as an ordinary console in PHP serves them, for php-fpm behind nginx: PHP's own sessions,
// the data directory's files read for each page, everything escaped. php.py starts it and compares its rows with Signet's.
// It leaves out what would cost it more: search, order, several pages, tokens that are masked for each answer.
declare(strict_types=1);

function e(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

function session(bool $writes): void
{
    // A page that only reads lets go of the session's lock at once, so that pages of one session are made in parallel.
    session_start(['read_and_close' => !$writes]);
}

function logged_in(): bool
{
    return ($_SESSION['owner'] ?? false) === true && time() - $_SESSION['since'] < 12 * 3600;
}

function redirect(string $to): never
{
    header("Location: $to", true, 303);
    exit;
}

/** What lies between the two lines of a PEM block, decoded; null where there is none. */
function block(string $text, string $label): ?string
{
    $begin = "-----BEGIN $label-----";
    $from = strpos($text, $begin);
    if ($from === false) {
        return null;
    }
    $from += strlen($begin);
    $to = strpos($text, "-----END $label-----", $from);
    $bytes = $to === false ? false : base64_decode(substr($text, $from, $to - $from));
    return $bytes === false ? null : $bytes;
}

/** The names that were requested: host names and addresses bare, others with their kind. */
function names_of(array $subject): array
{
    $names = [];
    foreach (preg_split('/\s+/', $subject['san'], -1, PREG_SPLIT_NO_EMPTY) as $name) {
        $kind = match (true) {
            str_contains($name, '@') => 'email:',
            str_contains($name, '://') => 'URI:',
            default => '',
        };
        $names[] = "$kind$name";
    }
    if (!in_array($subject['common'], $names, true)) {
        $names[] = $subject['common'];
    }
    return $names;
}

/** The first name, and the other one or how many more there are. */
function covered(array $names): array
{
    return match (count($names)) {
        0, 1 => $names,
        2 => [$names[0], "and $names[1]"],
        default => [$names[0], 'and ' . (count($names) - 1) . ' more'],
    };
}

/** Key and digest as the list shows them. */
function key_of(array $options): array
{
    if ($options['key_type'] === 'RSA') {
        return ["RSA {$options['key_length']}", $options['digest_algorithm']];
    }
    if ($options['ec_curve'] === 'ed25519') {
        return ['Ed25519', ''];
    }
    return ["EC {$options['ec_curve']}", $options['digest_algorithm']];
}

/** The status and its shape: that of the certificate, where there is one. */
function state_of(string $text): array
{
    $certificate = block($text, 'CERTIFICATE');
    if ($certificate === null) {
        return ['Waiting for the CA', 'wait'];
    }
    $pem = "-----BEGIN CERTIFICATE-----\n" . chunk_split(base64_encode($certificate), 64, "\n") . "-----END CERTIFICATE-----\n";
    $parsed = openssl_x509_parse($pem);
    if ($parsed === false) {
        return ['Certificate cannot be read', 'bad'];
    }
    $left = $parsed['validTo_time_t'] - time();
    $until = gmdate('Y-m-d', $parsed['validTo_time_t']);
    $days = intdiv($left, 86400);
    return $left < 0 ? ["Expired on $until", 'bad'] : ($left < 30 * 86400 ? ["Expires in $days days", 'warn'] : ["Valid until $until", 'good']);
}

/** As the list shows it. The record's zone is always Z: to look that up as a zone's name takes most of the time that this takes. */
function time_of(string $created): string
{
    static $utc = new DateTimeZone('UTC');
    $time = DateTimeImmutable::createFromFormat('Y-m-d\TH:i:s+', $created, $utc);
    return $time === false ? $created : $time->format('Y-m-d H:i \U\T\C');
}

/** One line of the list. An import has no answers in its record: the request itself is asked then. */
function row_of(string $path): array
{
    $text = file_get_contents($path);
    $record = json_decode((string) block((string) $text, 'SIGNET RECORD'), true);
    if ($text === false || !is_array($record)) {
        throw new RuntimeException("$path has no readable SIGNET RECORD block.");
    }
    if (isset($record['asked'])) {
        $common = $record['asked']['subject']['common'];
        $names = names_of($record['asked']['subject']);
        [$key, $digest] = key_of($record['asked']['options']);
    } else {
        $subject = openssl_csr_get_subject($text) ?: [];
        $details = openssl_pkey_get_details(openssl_csr_get_public_key($text));
        $common = $subject['CN'] ?? '';
        $names = [];
        $key = isset($details['ec']) ? "EC {$details['ec']['curve_name']}" : "RSA {$details['bits']}";
        $digest = '';
    }
    [$state, $tone] = state_of($text);
    return [
        'name' => basename($path, '.pem'),
        'factory' => $record['origin'] === 'factory',
        'names' => covered($names === [] && $common !== '' ? [$common] : $names),
        'key' => $key,
        'digest' => $digest,
        'created' => time_of($record['created']),
        'state' => $state,
        'tone' => $tone,
        'download' => $tone === 'wait' ? ['download', 'request'] : ['certificate/download?chain=on', 'certificate and chain'],
    ];
}

function rows(): array
{
    $rows = array_map(row_of(...), glob($_SERVER['CONSOLE_DATA'] . '/csrs/*.pem'));
    usort($rows, fn ($one, $other) => strcasecmp($one['name'], $other['name']));
    return array_slice($rows, 0, 50);
}

function top(string $title, bool $inside): void
{ ?>
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title><?= e($title) ?> – Console</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/static/icon-000000000000.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/console-000000000000.css">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="bar">
<div class="frame">
<a class="brand" href="/"><span class="seal" aria-hidden="true"></span>Console <span class="device"><?= e(gethostname()) ?></span></a>
<?php if ($inside): ?>
<nav class="places" aria-label="Console">
<a href="/csrs" aria-current="page">Requests</a>
<a href="/reply">Add<span class="wide-only"> certificate</span></a>
<a href="/console"><span class="wide-only">This </span>console</a>
<a href="/audit">Log</a>
<a href="/help">Help</a>
</nav>
<nav class="account" aria-label="Account">
<a href="/account">Account</a>
<form method="post" action="/logout"><input type="hidden" name="csrf_token" value="<?= e($_SESSION['csrf_token']) ?>"><button class="link" type="submit">Log out</button></form>
</nav>
<?php endif ?>
</div>
</header>
<main id="main" class="frame" tabindex="-1">
<?php }

function bottom(): void
{ ?>
</main>
</body>
</html>
<?php }

function login_page(string $wrong = ''): void
{
    top('Log in', false); ?>
<h1>Log in</h1>
<form class="card narrow" method="post" action="/login#summary" novalidate>
<input type="hidden" name="csrf_token" value="<?= e($_SESSION['csrf_token']) ?>">
<input class="unseen" type="text" autocomplete="username" value="owner" readonly tabindex="-1" aria-hidden="true">
<div class="field">
<label for="password">Password</label>
<p class="hint" id="password-hint">The owner&#039;s password of this console.</p>
<?php if ($wrong !== ''): ?><div class="wrong" id="password-error"><p><?= e($wrong) ?></p></div><?php endif ?>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="512" autofocus aria-describedby="password-hint">
</div>
<p class="actions"><button type="submit">Log in</button></p>
</form>
<?php bottom();
}

function log_in(): void
{
    if (!hash_equals($_SESSION['csrf_token'], (string) ($_POST['csrf_token'] ?? ''))) {
        http_response_code(403);
        login_page('This form is too old. Enter the password again.');
    } elseif (!password_verify((string) ($_POST['password'] ?? ''), trim((string) file_get_contents($_SERVER['CONSOLE_OWNER'])))) {
        http_response_code(422);
        login_page('The password is wrong. Enter the password of the owner.');
    } else {
        session_regenerate_id(true);
        $_SESSION = ['owner' => true, 'since' => time(), 'csrf_token' => bin2hex(random_bytes(32))];
        redirect('/csrs');
    }
}

function list_page(array $rows): void
{
    top('Certificate Signing Requests', true); ?>
<div class="head wide"><h1>Certificate Signing Requests</h1><a class="button" href="/wizard">Add request</a></div>
<form class="search wide" method="get" action="/csrs" role="search">
<label class="unseen" for="q">Search names, subjects and notes</label>
<input id="q" name="q" type="search" value="" maxlength="200" placeholder="Names, subjects, notes"><button class="quiet" type="submit">Search</button>
<span class="soft"><?= count($rows) ?> requests</span>
</form>
<svg class="unseen" aria-hidden="true"><symbol id="get" viewBox="0 0 24 24"><path d="M12 4v11m0 0 4.5-4.5M12 15l-4.5-4.5M5 19h14"/></symbol><symbol id="bin" viewBox="0 0 24 24"><path d="M5 7h14M10 7V5h4v2m-7 0 1 12h8l1-12M10.5 11v5m3-5v5"/></symbol></svg>
<div class="sheet wide"><table class="list">
<caption class="unseen"><?= count($rows) ?> requests</caption>
<thead><tr>
<th scope="col" class="name" aria-sort="ascending"><a href="/csrs?sort=name&#38;order=desc">Name</a></th>
<th scope="col" class="names">Names it covers</th>
<th scope="col" class="state"><a href="/csrs?sort=expiry">Status</a></th>
<th scope="col" class="key"><a href="/csrs?sort=key">Key</a></th>
<th scope="col" class="when"><a href="/csrs?sort=created">Created</a></th>
<th scope="col" class="do"><span class="unseen">Actions</span></th>
</tr></thead>
<tbody>
<?php foreach ($rows as $row): [$path, $what] = $row['download']; $name = rawurlencode($row['name']) ?>
<tr>
<td class="name"><a href="/csrs/<?= $name ?>"><?= e($row['name']) ?></a><?php if ($row['factory']): ?> <span class="badge">factory</span><?php endif ?></td>
<td class="names"><?php foreach ($row['names'] as $at => $line): ?><?= $at === 0 ? '<span>' . e($line) . '</span>' : '<small>' . e($line) . '</small>' ?><?php endforeach ?></td>
<td class="state"><span class="status <?= e($row['tone']) ?>"><?= e($row['state']) ?></span></td>
<td class="key"><?= e($row['key']) ?><?php if ($row['digest'] !== ''): ?><small><?= e($row['digest']) ?></small><?php endif ?></td>
<td class="when"><time title="<?= e($row['created']) ?>"><?= e(substr($row['created'], 0, 10)) ?></time></td>
<td class="do"><a class="icon" href="/csrs/<?= $name ?>/<?= e($path) ?>" title="Download <?= $what ?>"><svg aria-hidden="true"><use href="#get"/></svg><span class="unseen">Download <?= $what ?> of <?= e($row['name']) ?></span></a><a class="icon delete" href="/csrs/<?= $name ?>/delete" title="Delete"><svg aria-hidden="true"><use href="#bin"/></svg><span class="unseen">Delete <?= e($row['name']) ?></span></a></td>
</tr>
<?php endforeach ?>
</tbody>
</table></div>
<?php bottom();
}

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/login') {
    session(true);
    $_SESSION['csrf_token'] ??= bin2hex(random_bytes(32));
    $_SERVER['REQUEST_METHOD'] === 'POST' ? log_in() : login_page();
} elseif ($path === '/csrs') {
    session(false);
    logged_in() ? list_page(rows()) : redirect('/login');
} elseif ($path === '/opcache') {
    // The bench makes sure by this that no script is compiled twice.
    header('Content-Type: application/json');
    $status = opcache_get_status(true) ?: ['opcache_enabled' => false, 'scripts' => []];
    echo json_encode(['enabled' => $status['opcache_enabled'], 'scripts' => array_keys($status['scripts'] ?? [])]);
} else {
    http_response_code(404);
}
