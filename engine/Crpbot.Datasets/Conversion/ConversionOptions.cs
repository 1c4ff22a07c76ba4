using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Datasets.Lake;
using Crpbot.Messages;

namespace Crpbot.Datasets.Conversion;

/// <summary>Which raw files of a lake are converted, and how.</summary>
public sealed record ConversionOptions
{
    /// <summary>A new table for each job: ticks and lots, no Instrument yet. Called from several threads.</summary>
    public required Func<InstrumentTable> Instruments { get; init; }

    /// <summary>Tardis' exchange id; null for all.</summary>
    public string? Venue { get; init; }

    /// <summary>Upper-case; empty for all.</summary>
    public IReadOnlyList<string> Symbols { get; init; } = [];

    /// <summary>Names of types, <see cref="LakeTypes.Candles"/> included; empty for all.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>Days that begin before <see cref="To"/> and end after <see cref="From"/> are converted whole.</summary>
    public UnixNanos From { get; init; } = ReadRange.All.From;

    public UnixNanos To { get; init; } = ReadRange.All.To;

    /// <summary>Which of the jobs are this worker's.</summary>
    public Sharding Shard { get; init; } = Sharding.All;

    /// <summary>Convert again what was converted from the same raw file.</summary>
    public bool Force { get; init; }

    /// <summary>Jobs at once, each with its own memory.</summary>
    public int Parallel { get; init; } = Environment.ProcessorCount;

    /// <summary>Stop at the first damaged row or message.</summary>
    public bool Strict { get; init; }

    internal bool WantsType(string type) => Types.Count == 0 || Types.Contains(type, StringComparer.Ordinal);

    internal bool WantsSymbol(string symbol) => Symbols.Count == 0 || Symbols.Contains(symbol, StringComparer.Ordinal);
}
