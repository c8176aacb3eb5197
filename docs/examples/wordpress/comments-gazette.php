<?php
/**
 * Plugin Name: Comments of The Gazette
 * Description: Threads of our comments service, in place of WordPress's own comments or wherever [comments_thread] stands.
 * Version: 1.0
 * Requires PHP: 7.4
 *
 * Goes to wp-content/plugins/. In wp-config.php:
 *   define('COMMENTS_SERVICE', 'https://comments.gazette.example');
 *   define('COMMENTS_SITE', 'gazette');
 *   define('COMMENTS_ISSUER', 'https://www.gazette.example');   // as given to `comments site create --issuer`
 *   define('COMMENTS_PRODUCT', 'digital');                      // as given to --product
 *   define('COMMENTS_SECRET', '…');                             // which never leaves the server
 */

defined('ABSPATH') || exit;

/** The tag, with the link for readers without JavaScript. */
function comments_gazette_thread(): string {
    $article = (string) get_the_ID();
    $attributes = [
        'src' => COMMENTS_SERVICE . '/embed.js',
        'data-site' => COMMENTS_SITE,
        'data-article' => $article,
        'data-article-url' => get_permalink(),
        'data-article-title' => wp_strip_all_tags(get_the_title()),
        'data-token-url' => add_query_arg('_wpnonce', wp_create_nonce('wp_rest'), rest_url('comments-gazette/v1/token')),
        'data-lang' => str_replace('_', '-', get_locale()),
    ];
    $tag = '<script async';
    foreach ($attributes as $name => $value) {
        $tag .= sprintf(' %s="%s"', $name, esc_attr($value));
    }
    $plain = COMMENTS_SERVICE . '/articles/' . COMMENTS_SITE . '/' . rawurlencode($article);
    return $tag . '></script><noscript><a href="' . esc_url($plain) . '">' . esc_html__('Read the comments') . '</a></noscript>';
}

/** Who is logged in, as a token; null for everybody else. Whether somebody pays is up to you: here, a capability. */
function comments_gazette_token(): ?string {
    $user = wp_get_current_user();
    if (!$user->exists()) {
        return null;
    }
    $now = time();
    $pays = user_can($user, 'read_subscriber_content');
    $claims = [
        'iss' => COMMENTS_ISSUER, 'aud' => COMMENTS_SITE, 'sub' => (string) $user->ID,
        'iat' => $now, 'exp' => $now + 300, 'jti' => bin2hex(random_bytes(16)), 'name' => $user->display_name,
        'ent' => [['product' => COMMENTS_PRODUCT, 'state' => $pays ? 'active' : 'registered', 'exp' => $now + 86400]],
    ];
    $part = fn(string $data) => rtrim(strtr(base64_encode($data), '+/', '-_'), '=');
    $signed = $part(json_encode(['alg' => 'HS256', 'typ' => 'JWT'])) . '.' . $part(json_encode($claims));
    return $signed . '.' . $part(hash_hmac('sha256', $signed, COMMENTS_SECRET, true));
}

add_shortcode('comments_thread', 'comments_gazette_thread');

add_action('rest_api_init', function () {
    register_rest_route('comments-gazette/v1', '/token', [
        'methods' => 'GET',
        'permission_callback' => '__return_true', // everybody may ask; who is not logged in gets null
        'callback' => function () {
            $response = new WP_REST_Response(['token' => comments_gazette_token()]);
            $response->header('Cache-Control', 'no-store');
            return $response;
        },
    ]);
});

// In place of WordPress's own comments. Counts: <span data-comment-count="ID"></span> in the theme.
add_filter('comments_template', fn() => __DIR__ . '/thread.php');
