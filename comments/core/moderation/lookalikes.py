"""Letters that look like Latin ones: by the Latin letter. Written by scripts/lookalikes; do not edit.

From Unicode's confusables.txt (UTS #39, Unicode Security Mechanisms), as confusable-homoglyphs 3.3.1 carries it.
Data: Copyright © 1991-2024 Unicode, Inc., under the Unicode License v3, https://www.unicode.org/license.txt.
Here is what looks like one Latin letter and does not become it by NFKD. `1`: what looks like a capital I and like an l.
"""

LOOKS = {
    "1": "ƖǀΙІӀᛁⲒⵏꓲ𐊊𐌉𖼨",
    "a": "ɑΑαАаᎪᗅᴀꓮ𐊠𖽀🅐🅰",
    "b": "ƄʙΒВЬᏏᏴᑲᖯᗷꓐꞴ𐊂𐊡𐌁🅑🅱",
    "c": "СсᏟᴄⲤⲥꓚꮯ𐊢𐌂𐐕𐐽𐔜🅒🅲",
    "d": "ԁᎠᏧᑯᗞᗪᴅꓒꓓ🅓🅳",
    "e": "ΕЕеҽᎬᴇⴹꓰꬲ𐊆𑢦𑢮🅔🅴",
    "f": "ϜքᖴẝꓝꜰꞘꞙꬵ𐊇𐊥𐔥𑢢𑣂🅕🅵",
    "g": "ƍɡɢԌցᏀᏳᶃꓖ🅖🅶",
    "h": "ʜΗНһհᎻᏂᕼⲎꓧ𐋏🅗🅷",
    "i": "ıɩɪιіӏᎥꙇꭵ𑣃🅘🅸",
    "j": "ͿϳЈјᎫᒍᴊꓙꞲ🅙🅹",
    "k": "ΚКᏦᛕᴋⲔꓗ𐔘🅚🅺",
    "l": "ʟᏞᒪⳐꓡ𐐛𐔦𑢣𑢲𖼖🅛🅻",
    "m": "ΜϺМᎷᗰᛖᴍⲘꓟ𐊰𐌑🅜🅼",
    "n": "ɴΝոռⲚꓠ𐔓🅝🅽",
    "o": "ΟοσОоՕօᴏᴑⲞⲟⵔꓳꬽ𐊒𐊫𐐄𐐬𐓂𐓪𐔖𑢵𑣈𑣗🅞🅾",
    "p": "ΡρРрᏢᑭᴘⲢⲣꓑ𐊕🅟🅿",
    "q": "ԛգզⵕ🅠🆀",
    "r": "ƦʀгᎡᏒᖇᴦⲅꓣꭇꭈꮁ𐒴𖼵🅡🆁",
    "s": "ƽЅѕՏᏕᏚꓢꜱꮪ𐊖𐐠𐑈𑣁𖼺🅢🆂",
    "t": "ΤТᎢᴛⲦꓔ𐊗𐊱𐌕𑢼𖼊🅣🆃",
    "u": "ʋυՍսᑌᴜꓴꞟꭎꭒ𐓎𐓶𑢸𑣘𖽂🅤🆄",
    "v": "νѴѵᏙᐯᴠⴸꓦꛟꮩ𐔝𑢠𑣀𖼈🅥🆅",
    "w": "ɯѡԜԝաᎳᏔᴡꓪꮃ🅦🆆",
    "x": "ΧХхᕁᕽᚷⲬⵝꓫꞳ𐊐𐊴𐌗𐔧🅧🆇",
    "y": "ɣʏΥγУуҮүᎩᎽᶌỿⲨꓬꭚ𐊲𑢤𑣜𖽃🅨🆈",
    "z": "ΖᏃᴢꓜꮓ𑢩𑣄🅩🆉",
}
