using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Crpbot.Telemetry;

/// <summary>A number that one thread raises and any thread reads; shares its lines with nobody.</summary>
[StructLayout(LayoutKind.Explicit, Size = 2 * 128 + sizeof(long))]
public sealed class Counter
{
    [FieldOffset(128)] private long _value;

    public long Value => Volatile.Read(ref _value);

    /// <summary>Adds; called by the one writing thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(long count = 1) => Volatile.Write(ref _value, _value + count);
}
