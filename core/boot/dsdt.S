// SPDX-License-Identifier: Apache-2.0
// The compiled DSDT as bytes in the program.
	.section .rodata.acpi_dsdt, "a", @progbits
	.global acpi_dsdt
	.global acpi_dsdt_bytes
	.type acpi_dsdt, @object
	.type acpi_dsdt_bytes, @object
	.balign 8
acpi_dsdt_bytes:
	.quad acpi_dsdt_end - acpi_dsdt
	.size acpi_dsdt_bytes, 8
acpi_dsdt:
	.incbin "core/boot/dsdt.aml"
acpi_dsdt_end:
	.size acpi_dsdt, acpi_dsdt_end - acpi_dsdt

	.section .note.GNU-stack, "", @progbits
