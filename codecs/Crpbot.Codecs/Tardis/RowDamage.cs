namespace Crpbot.Codecs.Tardis;

/// <summary>A row that was refused.</summary>
/// <param name="Line">1 upwards, the header included.</param>
/// <param name="Field">The column; empty when the whole row is meant.</param>
/// <param name="Reason">What is wrong with it.</param>
public readonly record struct RowDamage(long Line, string Field, string Reason)
{
    /// <summary>The parser's reason; None where no value was to blame.</summary>
    public ParseError Error { get; init; }

    /// <summary>What it means for the file.</summary>
    public RefusalKind Kind { get; init; }

    public override string ToString() => $"line {Line}: {What}";

    /// <summary>Field and reason, without the line.</summary>
    public string What => Field.Length == 0 ? Reason : $"{Field}: {Reason}";
}
