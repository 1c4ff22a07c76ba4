using System.CommandLine;
using System.Diagnostics;
using Crpbot.Codecs;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Venues;
using Crpbot.Engine;
using Crpbot.Engine.Live;
using Crpbot.Engine.Sources;
using Crpbot.MarketData.Feeds;
using Crpbot.Messages;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot capture record</c>: a live feed into a capture.</summary>
internal static class CaptureRecord
{
    public static Command Create()
    {
        Argument<string> output = Arguments.File("out", "The capture to write.");
        var venue = new Option<string>("--venue") { Description = "Feed format: coinbase, or tardis (tardis-machine).", Required = true };
        var url = new Option<string>("--url") { Description = "ws:// or wss:// address; of a tardis-machine, host and port are enough.", Required = true };
        var exchange = new Option<string>("--exchange") { Description = "With tardis: the exchange to stream.", DefaultValueFactory = _ => "coinbase" };
        var symbols = new Option<string[]>("--symbols") { Description = "Symbols, e.g. BTC-USD ETH-USD SOL-USD.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["BTC-USD", "ETH-USD", "SOL-USD"] };
        var seconds = new Option<double?>("--seconds") { Description = "Stop after so long; without it, at Ctrl-C." };
        var instrumentFile = new Option<string?>("--instruments") { Description = "JSON file with ticks and lots." };
        venue.AcceptOnlyFromAmong("coinbase", "tardis");
        var command = new Command("record", """
            Records a live feed into a capture until Ctrl-C. A block ends each minute; an interrupted capture stays readable.

            Example: crpbot capture record btc.capture --venue tardis --url ws://127.0.0.1:8001 --symbols BTC-USD
            """)
        { output, venue, url, exchange, symbols, seconds, instrumentFile };
        command.SetAction((parsed, cancellation) =>
        {
            if (!Uri.TryCreate(parsed.GetValue(url), UriKind.Absolute, out Uri? address) || address.Scheme is not ("ws" or "wss"))
                throw new UsageException($"--url '{parsed.GetValue(url)}' is no ws:// or wss:// address");
            string[] wanted = [.. parsed.GetValue(symbols)!.SelectMany(symbol => symbol.Split(',', StringSplitOptions.RemoveEmptyEntries))];
            FeedOptions feed = parsed.GetValue(venue) == "tardis"
                ? FeedAddresses.TardisMachine(address, parsed.GetValue(exchange)!, wanted)
                : FeedAddresses.Coinbase(address, wanted);
            InstrumentTable instruments = InstrumentFile.Open(parsed.GetValue(instrumentFile));
            double limit = parsed.GetValue(seconds) ?? double.PositiveInfinity;
            return Task.FromResult(Record(parsed.GetValue(output)!, feed with { MaxAttempts = 5 }, parsed.GetValue(venue)!, instruments, limit, cancellation));
        });
        return command;
    }

    private static int Record(string path, FeedOptions options, string venue, InstrumentTable instruments, double seconds, CancellationToken cancellation)
    {
        OutputFile.RequireFolder(path);
        var clock = new SystemMarketClock();
        long start = Stopwatch.GetTimestamp();
        var header = new CaptureHeader(Product.Name, options.Address.GetLeftPart(UriPartial.Path), clock.At(start));
        var textIds = new TextIdTable();
        using var writer = new CaptureWriter(path, instruments, header, texts: textIds);
        LiveFeed feed;
        using (var engine = new TradingEngine(new EngineOptions { Instruments = instruments, Depth = PipelineDepth.Book, Record = writer }))
        {
            feed = new LiveFeed(engine, VenueParsers.Create(venue, instruments, textIds), clock.At,
                () => !cancellation.IsCancellationRequested && Stopwatch.GetElapsedTime(start).TotalSeconds < seconds, new DamageLog(strict: false));
            new VenueConnection(options, feed).Run();
            engine.Complete();
        }

        writer.Complete();
        CaptureReplay.ReportDamage(feed.Damage);
        Console.Error.WriteLine($"{path}: {writer.EventCount:N0} events of {feed.Frames:N0} messages in {writer.BytesWritten:N0} bytes");
        return ExitCode.Done;
    }
}
