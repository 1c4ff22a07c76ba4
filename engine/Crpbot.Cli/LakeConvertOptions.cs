using System.CommandLine;
using Crpbot.Codecs.Tardis;
using Crpbot.Datasets;
using Crpbot.Datasets.Lake;

namespace Crpbot.Cli;

/// <summary>The flags of <c>crpbot data convert --lake</c>.</summary>
internal sealed class LakeConvertOptions
{
    private readonly Option<string?> _symbols = new("--symbols") { Description = "Of a lake: only these symbols, separated by commas." };
    private readonly Option<string?> _types = new("--types") { Description = "Of a lake: only these types, separated by commas: trades, incremental_book_L2, …, candles_1m." };
    private readonly Option<string?> _shard = new("--shard") { Description = "Of a lake: only part i of n, written i/n with 0 <= i < n; workers with different i share the work." };
    private readonly Option<bool> _toCapture = new("--to-capture") { Description = "Of a lake: also one capture a symbol and day, all types merged: captures/venue=/symbol=/date=.capture." };
    private readonly Option<bool> _force = new("--force") { Description = "Of a lake: convert again what was converted from the same files." };
    private readonly Option<int?> _parallel = new("--parallel") { Description = "Of a lake: files converted at once; one a core when absent." };
    private readonly Option<bool> _json = new("--json") { Description = "Of a lake: print one JSON document." };

    public Option<string?> Lake { get; } = new("--lake") { Description = "Convert the downloaded files of this lake." };

    private Option[] OfLakes => [_symbols, _types, _shard, _toCapture, _force, _parallel, _json];

    public void AddTo(Command command)
    {
        command.Options.Add(Lake);
        foreach (Option option in OfLakes)
            command.Options.Add(option);
    }

    /// <exception cref="UsageException">One of them was given without <c>--lake</c>.</exception>
    public void RefuseAll(ParseResult parsed)
    {
        if (Array.Find(OfLakes, option => parsed.GetResult(option) is { Implicit: false }) is { } given)
            throw new UsageException($"{given.Name} goes with --lake");
    }

    public LakeConvertSelection Read(ParseResult parsed)
    {
        string[] types = Split(parsed.GetValue(_types));
        for (int i = 0; i < types.Length; i++)
        {
            if (TardisCsvTypes.TryParse(types[i], out TardisCsvType type))
                types[i] = type.NameOf();
            else if (types[i] != LakeTypes.Candles)
                throw new UsageException($"--types: no type '{types[i]}'; known: {string.Join(", ", LakeTypes.InOrder.Select(known => known.NameOf()))}, {LakeTypes.Candles}");
        }

        int? parallel = parsed.GetValue(_parallel);
        if (parallel < 1)
            throw new UsageException($"--parallel {parallel}: at least one file at once");
        return new LakeConvertSelection(
            [.. Split(parsed.GetValue(_symbols)).Select(symbol => symbol.ToUpperInvariant())], types,
            parsed.GetValue(_shard) is { } shard ? Sharding.Parse(shard) : Sharding.All, parsed.GetValue(_toCapture), parsed.GetValue(_force),
            parallel ?? Environment.ProcessorCount, parsed.GetValue(_json));
    }

    private static string[] Split(string? list) => list?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}

/// <summary>What <c>--lake</c> was asked to do.</summary>
internal sealed record LakeConvertSelection(
    IReadOnlyList<string> Symbols, IReadOnlyList<string> Types, Sharding Shard, bool ToCapture, bool Force, int Parallel, bool Json);
