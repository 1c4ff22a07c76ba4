namespace Crpbot.Codecs.Tardis;

/// <summary>A row that was refused.</summary>
/// <param name="Line">1 upwards, the header included.</param>
/// <param name="Field">The column; empty when the whole row is meant.</param>
/// <param name="Reason">What is wrong with it.</param>
public readonly record struct RowDamage(long Line, string Field, string Reason)
{
    public override string ToString() => Field.Length == 0 ? $"line {Line}: {Reason}" : $"line {Line}: {Field}: {Reason}";
}
