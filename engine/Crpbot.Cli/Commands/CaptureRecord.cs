using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Crpbot.Codecs;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Venues;
using Crpbot.Engine;
using Crpbot.Engine.Live;
using Crpbot.MarketData.Feeds;
using Crpbot.Messages;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot capture record</c>: a live feed, or a tardis-machine's replay, into a capture.</summary>
internal static class CaptureRecord
{
    public static Command Create()
    {
        Argument<string> output = Arguments.File("out", "The capture to write.");
        var venue = new Option<string>("--venue") { Description = "Feed format: coinbase, or tardis (tardis-machine).", Required = true };
        var url = new Option<string>("--url") { Description = "ws:// or wss:// address; of a tardis-machine, host and port are enough.", Required = true };
        var exchange = new Option<string>("--exchange") { Description = "With tardis: the exchange to stream.", DefaultValueFactory = _ => "coinbase" };
        var symbols = new Option<string[]>("--symbols") { Description = "Symbols, e.g. BTC-USD ETH-USD SOL-USD.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["BTC-USD", "ETH-USD", "SOL-USD"] };
        var from = new Option<string?>("--from") { Description = "With tardis: record the replay of a past span from this minute (ISO 8601, UTC)." };
        var to = new Option<string?>("--to") { Description = "End of that span, exclusive." };
        var seconds = new Option<double?>("--seconds") { Description = "Stop a live feed after so long; without it, at Ctrl-C." };
        var instrumentFile = new Option<string?>("--instruments") { Description = "JSON file with ticks and lots." };
        venue.AcceptOnlyFromAmong("coinbase", "tardis");
        var command = new Command("record", """
            Records a live feed into a capture until Ctrl-C, or with --from and --to the replay of a past span to its end. A block ends each
            minute; until it is complete the capture is called OUT.partial and can be read.

            Example: crpbot capture record btc.capture --venue tardis --url ws://127.0.0.1:8001 --symbols BTC-USD
            Example: crpbot capture record may.capture --venue tardis --url ws://127.0.0.1:8001 --symbols BTC-USD --from 2021-05-01 --to 2021-05-02
            """)
        { output, venue, url, exchange, symbols, from, to, seconds, instrumentFile };
        command.SetAction((parsed, cancellation) =>
        {
            if (!Uri.TryCreate(parsed.GetValue(url), UriKind.Absolute, out Uri? address) || address.Scheme is not ("ws" or "wss"))
                throw new UsageException($"--url '{parsed.GetValue(url)}' is no ws:// or wss:// address");
            string[] wanted = [.. parsed.GetValue(symbols)!.SelectMany(symbol => symbol.Split(',', StringSplitOptions.RemoveEmptyEntries))];
            bool isTardis = parsed.GetValue(venue) == "tardis";
            FeedOptions feed;
            UnixNanos? spanEnd = null;
            if (parsed.GetValue(from) is not null || parsed.GetValue(to) is not null)
            {
                if (!isTardis || parsed.GetValue(from) is null || parsed.GetValue(to) is null || parsed.GetValue(seconds) is not null)
                    throw new UsageException("a replay is recorded with --venue tardis, --from and --to, and without --seconds");
                (DateTime first, DateTime end) = (Minute(parsed.GetValue(from), "--from"), Minute(parsed.GetValue(to), "--to"));
                if (first >= end)
                    throw new UsageException($"--from {parsed.GetValue(from)} is not before --to {parsed.GetValue(to)}");
                spanEnd = UnixNanos.FromDateTime(end);
                feed = FeedAddresses.TardisReplay(address, parsed.GetValue(exchange)!, wanted, first, end);
            }
            else
            {
                feed = isTardis ? FeedAddresses.TardisMachine(address, parsed.GetValue(exchange)!, wanted) : FeedAddresses.Coinbase(address, wanted);
            }

            InstrumentTable instruments = InstrumentFile.Open(parsed.GetValue(instrumentFile));
            double limit = parsed.GetValue(seconds) ?? double.PositiveInfinity;
            IVenueParser Parser(TextIdTable textIds) => VenueParsers.Create(parsed.GetValue(venue)!, instruments, textIds);
            return Task.FromResult(Record(parsed.GetValue(output)!, feed with { MaxAttempts = 5 }, spanEnd, instruments, Parser, limit, cancellation));
        });
        return command;
    }

    /// <param name="spanEnd">Of a replay; null records live.</param>
    /// <exception cref="HttpRequestException">The service gave nothing, or no more.</exception>
    private static int Record(
        string path, FeedOptions options, UnixNanos? spanEnd, InstrumentTable instruments, Func<TextIdTable, IVenueParser> createParser, double seconds,
        CancellationToken cancellation)
    {
        OutputFile.RequireFolder(path);
        var clock = new SystemMarketClock();
        long start = Stopwatch.GetTimestamp();
        // A replay does not say when it was recorded: the same span gives the same bytes.
        var header = new CaptureHeader(Product.Name, options.Address.GetLeftPart(UriPartial.Path), spanEnd ?? clock.At(start));
        var textIds = new TextIdTable();
        IVenueParser parser = createParser(textIds);
        using var writer = new CaptureWriter(path, instruments, header, texts: textIds);
        LiveFeed feed;
        try
        {
            using var engine = new TradingEngine(new EngineOptions { Instruments = instruments, Depth = PipelineDepth.Book, Record = writer });
            feed = new LiveFeed(engine, parser, options.IsReplay ? null : clock.At,
                () => !cancellation.IsCancellationRequested && Stopwatch.GetElapsedTime(start).TotalSeconds < seconds, new DamageLog(strict: false))
            {
                // A replay is not connected again: the error says it.
                Lost = options.IsReplay ? null : reason => Console.Error.WriteLine($"crpbot: the feed is lost: {reason}; connecting again"),
            };
            var connection = new VenueConnection(options, feed);
            connection.Run();
            engine.Complete();
            if (options.IsReplay && !connection.IsComplete)
                throw new OperationCanceledException("stopped before the end of the replay");
            if (writer.EventCount == 0 && !cancellation.IsCancellationRequested)
                throw new HttpRequestException($"{options.Address.GetLeftPart(UriPartial.Authority)}: nothing to record: {Nothing(feed, parser)}");
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            writer.Dispose();
            if (writer.EventCount == 0)
                File.Delete(writer.PartialPath);
            else
                Console.Error.WriteLine($"{writer.PartialPath}: {writer.EventCount:N0} events that arrived until then");
            throw;
        }

        writer.Complete();
        CaptureReplay.ReportDamage(feed.Damage);
        if (parser is VenueParser { VenueErrors: > 0 } told)
            Console.Error.WriteLine($"the venue reported {told.VenueErrors} errors, the last: {Encoding.UTF8.GetString(told.LastVenueError)}");
        Console.Error.WriteLine($"{path}: {writer.EventCount:N0} events of {feed.Frames:N0} messages in {writer.BytesWritten:N0} bytes");
        return ExitCode.Done;
    }

    /// <summary>Why nothing arrived, as far as it is known.</summary>
    private static string Nothing(LiveFeed feed, IVenueParser parser) =>
        parser is VenueParser { VenueErrors: > 0 } told ? $"the venue answered {Encoding.UTF8.GetString(told.LastVenueError)}"
        : feed.Damage.First.Count > 0 ? $"{feed.Damage.Refused} messages were refused, the first: {feed.Damage.First[0]}"
        : feed.LastLoss is { } reason ? $"the last connection: {reason}"
        : $"{feed.Frames} messages, none of them market data, in the time given";

    /// <summary>A tardis-machine cuts to whole minutes without a word.</summary>
    private static DateTime Minute(string? text, string flag)
    {
        UnixNanos instant = InputOptions.Instant(text, flag)!.Value;
        return instant.Value % UnixNanos.PerMinute == 0
            ? instant.ToDateTime()
            : throw new UsageException($"{flag} {text}: a tardis-machine replays whole minutes");
    }
}
