using System.CommandLine;
using Crpbot.Datasets;
using Crpbot.Datasets.Download;

namespace Crpbot.Cli;

/// <summary>The flags of <c>crpbot data download</c>, as a request.</summary>
internal sealed class DownloadOptions
{
    private readonly Option<string> _source = new("--source")
    {
        Description = "tardis, or coinbase for the free one-minute candles of Coinbase Exchange.", DefaultValueFactory = _ => "tardis",
    };

    private readonly Option<string> _exchange = new("--exchange") { Description = "Tardis exchange id.", DefaultValueFactory = _ => "coinbase" };
    private readonly Option<string[]> _symbols = new("--symbols") { Description = "Symbols, comma-separated.", Required = true };

    private readonly Option<string[]> _types = new("--types")
    {
        Description = "Tardis data types, comma-separated: trades, incremental_book_L2, book_snapshot_5, book_snapshot_25, quotes, book_ticker, "
            + "derivative_ticker, liquidations, options_chain.",
    };

    private readonly Option<string[]> _channels = new("--channels")
    {
        Description = "With --raw: the venue's channels in place of those that --types choose, e.g. match,l2update.",
    };

    private readonly Option<bool> _raw = new("--raw") { Description = "Raw venue messages, minute by minute, instead of CSV." };
    private readonly Option<int?> _sliceSize = new("--slice-size") { Description = "With --raw: minutes a file, 1 to 10 (default: what the service suggests)." };
    private readonly Option<string> _from = new("--from") { Description = "First day, UTC; with --raw also an instant.", Required = true };
    private readonly Option<string> _to = new("--to") { Description = "End, exclusive.", Required = true };
    private readonly Option<string> _out = new("--out") { Description = "The lake: a folder, or s3://bucket/prefix.", Required = true };

    private readonly Option<string> _shard = new("--shard")
    {
        Description = "Do only part i of n, e.g. 0/4 to 3/4: every file belongs to exactly one part.", DefaultValueFactory = _ => "0/1",
    };

    private readonly Option<int?> _concurrency = new("--concurrency") { Description = "Parallel downloads (default: 20 files, 60 slices, 4 days of candles)." };

    private readonly Option<int> _attempts = new("--attempts")
    {
        Description = "Attempts a file, with growing waits.", DefaultValueFactory = _ => new DownloadLimits().Attempts,
    };

    public void AddTo(Command command)
    {
        _source.AcceptOnlyFromAmong("tardis", "coinbase");
        Option[] all = [_source, _exchange, _symbols, _types, _channels, _raw, _sliceSize, _from, _to, _out, _shard, _concurrency, _attempts];
        foreach (Option option in all)
            command.Options.Add(option);
    }

    /// <exception cref="UsageException">Flags that contradict each other.</exception>
    /// <exception cref="FormatException">A value of another form.</exception>
    public DownloadRequest Read(ParseResult parsed)
    {
        bool coinbase = parsed.GetValue(_source) == "coinbase";
        bool raw = parsed.GetValue(_raw);
        if (coinbase && (raw || List(parsed, _types).Length > 0))
            throw new UsageException("--source coinbase has candles only: leave --raw and --types out");
        if (!raw && (List(parsed, _channels).Length > 0 || parsed.GetValue(_sliceSize) is not null))
            throw new UsageException("--channels and --slice-size are for --raw");
        DownloadSource source = coinbase ? DownloadSource.CoinbaseCandles : raw ? DownloadSource.TardisFeeds : DownloadSource.TardisDatasets;
        return new DownloadRequest(source, parsed.GetRequiredValue(_exchange), List(parsed, _types), List(parsed, _channels), List(parsed, _symbols),
            Instant(parsed, _from), Instant(parsed, _to), parsed.GetRequiredValue(_out), Sharding.Parse(parsed.GetRequiredValue(_shard)),
            parsed.GetValue(_sliceSize));
    }

    /// <exception cref="UsageException">Not positive.</exception>
    public DownloadLimits Limits(ParseResult parsed)
    {
        if (parsed.GetValue(_concurrency) is < 1 or > 1000)
            throw new UsageException("--concurrency: expected 1 to 1000");
        if (parsed.GetValue(_attempts) is < 1 or > 1000)
            throw new UsageException("--attempts: expected 1 to 1000");
        return new DownloadLimits { Concurrency = parsed.GetValue(_concurrency), Attempts = parsed.GetValue(_attempts) };
    }

    private static string[] List(ParseResult parsed, Option<string[]> option) =>
        [.. (parsed.GetValue(option) ?? []).SelectMany(text => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    private static DateTime Instant(ParseResult parsed, Option<string> option)
    {
        DateTime instant = InputOptions.Instant(parsed.GetRequiredValue(option), option.Name)!.Value.ToDateTime();
        return instant.Second == 0 && instant.Ticks % TimeSpan.TicksPerSecond == 0 ? instant : throw new UsageException($"{option.Name}: expected whole minutes");
    }
}
