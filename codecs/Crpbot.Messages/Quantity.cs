namespace Crpbot.Messages;

/// <summary>A quantity in whole lots of its Instrument. On a book level it is absolute; zero removes the level.</summary>
public readonly record struct Quantity(long Lots) : IComparable<Quantity>
{
    public static Quantity operator +(Quantity a, Quantity b) => new(a.Lots + b.Lots);

    public static Quantity operator -(Quantity a, Quantity b) => new(a.Lots - b.Lots);

    public static bool operator <(Quantity a, Quantity b) => a.Lots < b.Lots;

    public static bool operator >(Quantity a, Quantity b) => a.Lots > b.Lots;

    public static bool operator <=(Quantity a, Quantity b) => a.Lots <= b.Lots;

    public static bool operator >=(Quantity a, Quantity b) => a.Lots >= b.Lots;

    public int CompareTo(Quantity other) => Lots.CompareTo(other.Lots);

    public override string ToString() => $"{Lots} lots";
}
