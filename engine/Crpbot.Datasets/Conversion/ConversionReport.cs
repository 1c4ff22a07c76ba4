namespace Crpbot.Datasets.Conversion;

/// <summary>What became of one job.</summary>
/// <param name="Source">The raw file, or the day of slices.</param>
/// <param name="Partitions">Keys written; empty when it was skipped or failed.</param>
/// <param name="IsSkipped">The lake had the result already.</param>
/// <param name="Rows">Rows written.</param>
/// <param name="Refused">Rows or messages that were damaged.</param>
/// <param name="RawBytes">Of the source.</param>
/// <param name="Bytes">Of the partitions.</param>
/// <param name="Damage">The first refusals, one line each.</param>
/// <param name="Failure">Why nothing was written; null when it was.</param>
public sealed record ConversionResult(
    string Source, IReadOnlyList<string> Partitions, bool IsSkipped, long Rows, long Refused, long RawBytes, long Bytes, IReadOnlyList<string> Damage, string? Failure)
{
    internal static ConversionResult Skipped(string source, IReadOnlyList<string> partitions) => new(source, partitions, true, 0, 0, 0, 0, [], null);

    internal static ConversionResult Failed(string source, string why) => new(source, [], false, 0, 0, 0, 0, [], why);
}

/// <summary>What became of all jobs, in their order.</summary>
public sealed record ConversionReport(IReadOnlyList<ConversionResult> Results)
{
    public int Converted => Results.Count(result => !result.IsSkipped && result.Failure is null);

    public int Skipped => Results.Count(result => result.IsSkipped);

    public int Failed => Results.Count(result => result.Failure is not null);

    /// <summary>Partitions written.</summary>
    public int Partitions => Results.Where(result => !result.IsSkipped).Sum(result => result.Partitions.Count);

    public long Rows => Results.Sum(result => result.Rows);

    public long Refused => Results.Sum(result => result.Refused);

    public long RawBytes => Results.Sum(result => result.RawBytes);

    public long Bytes => Results.Sum(result => result.Bytes);
}
