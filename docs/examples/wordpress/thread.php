<?php
// What the plugin puts in place of the theme's comments.php.
defined('ABSPATH') || exit;
echo '<section id="comments">' . comments_gazette_thread() . '</section>';
