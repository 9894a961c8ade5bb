<?php
// A host site that tells Eloquent who is logged in. What a site adds for Eloquent is the marked
// region; the rest is the site itself, with a log-in that is a toy. To run it:
//
//     ELOQUENT_SECRET=elq_… php -S 127.0.0.1:3000 server.php
//
// It takes nothing but PHP 8. With Composer's firebase/php-jwt the last three lines of the function
// are one: return JWT::encode($claims, $secret, 'HS256');

// docs:begin
function eloquent_token(array $user): string
{
    $secret = getenv('ELOQUENT_SECRET') ?: throw new RuntimeException('ELOQUENT_SECRET is not set');
    $claims = [
        'user_id' => (string) $user['id'], // a string, also where your ids are numbers
        'email' => $user['email'],
        'name' => $user['name'],
        'plan' => $user['plan'],
        'exp' => time() + 3600,
    ];
    $base64url = fn (string $bytes) => rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    $input = $base64url('{"alg":"HS256","typ":"JWT"}') . '.' . $base64url(json_encode($claims, JSON_THROW_ON_ERROR));
    return $input . '.' . $base64url(hash_hmac('sha256', $input, $secret, binary: true));
}
// docs:end

// From here on, the site itself.
session_start(['cookie_httponly' => true, 'cookie_samesite' => 'Lax', 'use_strict_mode' => true]);
header('cache-control: no-store');

switch ($_SERVER['REQUEST_METHOD'] . ' ' . $_SERVER['SCRIPT_NAME']) {
    case 'POST /api/login': // Toy: whoever asks is logged in as whoever they say they are.
        session_regenerate_id(true);
        $_SESSION['user'] = $_POST;
        http_response_code(204);
        break;
    case 'POST /api/eloquent-token':
        $user = $_SESSION['user'] ?? null;
        http_response_code($user ? 200 : 401);
        header('content-type: application/json');
        echo json_encode($user ? ['token' => eloquent_token($user)] : ['error' => 'not_logged_in']);
        break;
    default:
        http_response_code(404);
}
