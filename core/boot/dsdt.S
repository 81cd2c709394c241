// SPDX-License-Identifier: Apache-2.0
// The compiled DSDT as bytes in the program.
	.section .rodata.acpi_dsdt, "a", @progbits
	.global acpi_dsdt
	.global acpi_dsdt_end
	.type acpi_dsdt, @object
	.balign 8
acpi_dsdt:
	.incbin "core/boot/dsdt.aml"
acpi_dsdt_end:
	.size acpi_dsdt, . - acpi_dsdt

	.section .note.GNU-stack, "", @progbits
