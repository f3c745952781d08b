/* In place of reports/html/: style and program of the page are the same whatever is reported, and
 * would be most of what the fuzzer writes and reads. Here each is a single space. */
	.section .rodata
	.globl _binary_reports_html_report_css_start, _binary_reports_html_report_css_end
	.globl _binary_reports_html_report_js_start, _binary_reports_html_report_js_end
_binary_reports_html_report_css_start:
_binary_reports_html_report_js_start:
	.ascii " "
_binary_reports_html_report_css_end:
_binary_reports_html_report_js_end:
	.section .note.GNU-stack,"",@progbits
