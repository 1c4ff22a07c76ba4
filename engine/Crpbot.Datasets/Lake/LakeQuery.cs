using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Messages;

namespace Crpbot.Datasets.Lake;

/// <summary>What is wanted of a lake.</summary>
public sealed record LakeQuery
{
    /// <summary>Tardis' exchange id; null for all.</summary>
    public string? Venue { get; init; }

    /// <summary>Upper-case; empty for all.</summary>
    public IReadOnlyList<string> Symbols { get; init; } = [];

    /// <summary>Empty: everything, but of a day's books only the finest: the updates, else the deeper snapshots.</summary>
    public IReadOnlyList<TardisCsvType> Types { get; init; } = [];

    /// <summary>First ReceiveTime, inclusive.</summary>
    public UnixNanos From { get; init; } = ReadRange.All.From;

    /// <summary>ReceiveTime to end before.</summary>
    public UnixNanos To { get; init; } = ReadRange.All.To;

    /// <summary>Whether a part of the UTC day is inside the range.</summary>
    public bool Holds(DateOnly day) => StartOf(day.AddDays(1)) > From && StartOf(day) < To;

    internal static UnixNanos StartOf(DateOnly day) => UnixNanos.FromDateTime(day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));
}

/// <summary>A file of a lake that holds events.</summary>
/// <param name="Partition">Whose. The symbol of a raw file is its name, where <c>/</c> and <c>:</c> are <c>-</c>.</param>
/// <param name="Type">The partition's type.</param>
/// <param name="File">Below the lake's root.</param>
/// <param name="IsRaw">A CSV as it was downloaded, not Parquet.</param>
public sealed record LakeSource(LakePartition Partition, TardisCsvType Type, LakeFile File, bool IsRaw);
