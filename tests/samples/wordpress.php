<?php
// Runs docs/examples/wordpress as WordPress would, for tests/e2e/test_examples.py: the functions of WordPress that the
// plugin calls, then what it was asked for. php wordpress.php PLUGIN WHAT SERVICE SITE ISSUER SECRET READER
[, $plugin, $what, $service, $site, $issuer, $secret, $reader] = $argv;
define('ABSPATH', '/');
define('COMMENTS_SERVICE', $service);
define('COMMENTS_SITE', $site);
define('COMMENTS_ISSUER', $issuer);
define('COMMENTS_PRODUCT', 'digital');
define('COMMENTS_SECRET', $secret);

class WP_REST_Response {
    public $headers = [];
    public function __construct(public $data) {}
    public function header($name, $value) { $this->headers[$name] = $value; }
}
class WP_User {
    public $ID = 7;
    public function __construct(public $display_name) {}
    public function exists() { return $this->display_name !== ''; }
}
$called = ['filter' => [], 'action' => [], 'shortcode' => [], 'route' => []];
function add_filter($name, $function) { $GLOBALS['called']['filter'][$name] = $function; }
function add_action($name, $function) { $GLOBALS['called']['action'][$name] = $function; }
function add_shortcode($name, $function) { $GLOBALS['called']['shortcode'][$name] = $function; }
function register_rest_route($space, $path, $route) { $GLOBALS['called']['route'][$space . $path] = $route; }
function get_the_ID() { return 42; }
function get_the_title() { return 'Salt & "pepper" <em>again</em>'; }
function get_permalink() { return $GLOBALS['issuer'] . '/wordpress/'; }
function get_locale() { return 'en_GB'; }
function rest_url($path) { return '/index.php?rest_route=/' . $path; }
function wp_create_nonce($action) { return 'nonce-of-' . $action; }
function add_query_arg($name, $value, $url) { return $url . '&' . $name . '=' . $value; }
function wp_strip_all_tags($text) { return strip_tags($text); }
function esc_attr($text) { return htmlspecialchars($text, ENT_QUOTES); }
function esc_url($url) { return htmlspecialchars($url, ENT_QUOTES); }
function esc_html__($text) { return htmlspecialchars($text, ENT_QUOTES); }
function wp_get_current_user() { return new WP_User($GLOBALS['reader']); }
function user_can($user, $capability) { return $capability === 'read_subscriber_content'; }

require $plugin;
if ($what === 'shortcode') {
    echo $called['shortcode']['comments_thread']();
} elseif ($what === 'template') {
    require $called['filter']['comments_template']('/theme/comments.php');
} else {
    $called['action']['rest_api_init']();
    $response = $called['route']['comments-gazette/v1/token']['callback']();
    echo json_encode(['headers' => $response->headers, 'data' => $response->data]);
}
