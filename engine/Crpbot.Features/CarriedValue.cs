namespace Crpbot.Features;

/// <summary>An estimate that stands for up to five more minutes when it cannot be made afresh (class E).</summary>
internal struct CarriedValue
{
    private const long MinutesCarried = 5;

    private double _value;
    private long _minute;
    private bool _hasValue;

    public readonly bool HasValue => _hasValue;

    /// <summary>Takes a fresh estimate.</summary>
    public void Set(double value, long minute) => (_value, _minute, _hasValue) = (value, minute, true);

    /// <summary>Returns what stands at a minute, or NaN and why.</summary>
    /// <param name="minute">Minutes since 1970.</param>
    /// <param name="never">The reason before the first estimate.</param>
    /// <param name="reason">Present, NoTrades where it has expired, or <paramref name="never"/>.</param>
    public readonly double At(long minute, MissingReason never, out MissingReason reason)
    {
        bool stands = _hasValue && minute - _minute <= MinutesCarried;
        reason = stands ? MissingReason.Present : _hasValue ? MissingReason.NoTrades : never;
        return stands ? _value : double.NaN;
    }

    public readonly void Save(BinaryWriter writer)
    {
        writer.Write(_value);
        writer.Write(_minute);
        writer.Write(_hasValue);
    }

    public void Load(BinaryReader reader) => (_value, _minute, _hasValue) = (reader.ReadDouble(), reader.ReadInt64(), reader.ReadBoolean());
}
