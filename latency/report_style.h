// SPDX-License-Identifier: Apache-2.0
/* The HTML report's style sheet: light and dark, screen and paper, and nothing from the network. */
#pragma once

extern const char report_style_css[];
