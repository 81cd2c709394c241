// SPDX-License-Identifier: Apache-2.0
//
// What a guest cannot find by itself: how to power off, the serial port, the clock. CPUs and the
// I/O APIC are in the MADT; the registers behind \_S5 in the FADT. Ports must agree with
// core/boot/acpi_ports.h, core/devices/uart16550.h and core/devices/rtc.h.

DefinitionBlock ("dsdt.aml", "DSDT", 2, "BLKHD ", "BULKHEAD", 1)
{
    // Value for SLP_TYP in the sleep control register: soft off.
    Name (\_S5, Package () { 5, 0, 0, 0 })

    Scope (\_SB)
    {
        Device (COM1)
        {
            Name (_HID, EisaId ("PNP0501")) // 16550A
            Name (_UID, 1)
            Name (_CRS, ResourceTemplate ()
            {
                IO (Decode16, 0x03F8, 0x03F8, 1, 8)
                Interrupt (ResourceConsumer, Edge, ActiveHigh, Exclusive) { 4 }
            })
        }

        // No interrupt: the clock tells the time and has no timer.
        Device (RTC0)
        {
            Name (_HID, EisaId ("PNP0B00"))
            Name (_CRS, ResourceTemplate ()
            {
                IO (Decode16, 0x0070, 0x0070, 1, 2)
            })
        }
    }
}
