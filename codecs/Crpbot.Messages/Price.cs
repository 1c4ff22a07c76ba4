namespace Crpbot.Messages;

/// <summary>A price in whole ticks of its Instrument.</summary>
public readonly record struct Price(long Ticks) : IComparable<Price>
{
    public static bool operator <(Price a, Price b) => a.Ticks < b.Ticks;

    public static bool operator >(Price a, Price b) => a.Ticks > b.Ticks;

    public static bool operator <=(Price a, Price b) => a.Ticks <= b.Ticks;

    public static bool operator >=(Price a, Price b) => a.Ticks >= b.Ticks;

    public int CompareTo(Price other) => Ticks.CompareTo(other.Ticks);

    public override string ToString() => $"{Ticks} ticks";
}
