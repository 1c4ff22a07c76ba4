using System.Globalization;
using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Datasets;
using Crpbot.Datasets.Conversion;
using Crpbot.Datasets.Lake;
using Crpbot.Engine;
using Crpbot.Engine.Sources;
using Crpbot.Messages;

namespace Crpbot.Cli;

/// <summary>Writes a lake's symbol-days as captures: every type merged by ReceiveTime, Timers where a replay would make them.</summary>
internal static class LakeCaptures
{
    private const string Type = "capture";

    public static string KeyOf(string venue, string symbol, DateOnly day) => string.Create(
        CultureInfo.InvariantCulture, $"captures/venue={Uri.EscapeDataString(venue)}/symbol={Uri.EscapeDataString(symbol)}/date={day:yyyy-MM-dd}.capture");

    /// <inheritdoc cref="LakeConverter.Run"/>
    public static ConversionReport Run(ILakeStorage lake, ConversionOptions options, Action<long>? progress)
    {
        var query = new LakeQuery
        {
            Venue = options.Venue,
            Symbols = options.Symbols,
            Types = [.. options.Types.Where(name => name != LakeTypes.Candles).Select(name => TardisCsvTypes.TryParse(name, out TardisCsvType type) ? type : default)],
            From = options.From,
            To = options.To,
        };
        (string Venue, string Symbol, DateOnly Day, LakeSource[] Sources)[] days =
        [
            .. LakeReader.Partitions(lake, query)
                .GroupBy(source => (source.Partition.Venue, source.Partition.Symbol, source.Partition.Date))
                .Where(day => options.Shard.Owns(Sharding.PartitionKey(day.Key.Venue, Type, day.Key.Symbol, day.Key.Date)))
                .Select(day => (day.Key.Venue, day.Key.Symbol, day.Key.Date, day.ToArray())),
        ];
        var results = new ConversionResult[days.Length];
        ParallelJobs.Run(days.Length, options.Parallel, (i, _) =>
            results[i] = Write(lake, options, query, days[i].Venue, days[i].Symbol, days[i].Day, days[i].Sources, progress));
        return new ConversionReport(results);
    }

    private static ConversionResult Write(
        ILakeStorage lake, ConversionOptions options, LakeQuery query, string venue, string symbol, DateOnly day, LakeSource[] sources, Action<long>? progress)
    {
        string key = KeyOf(venue, symbol, day);
        RawSource source = RawSource.Of(lake, key, [.. sources.Select(part => part.File)]);
        if (!options.Force && ConversionReceipt.Find(lake, key) is { } receipt && receipt.Covers(source, options, lake))
            return ConversionResult.Skipped(key, receipt.Partitions);
        InstrumentTable instruments = options.Instruments();
        var damage = new DamageLog(options.Strict);
        LakeQuery ofDay = query with { Venue = venue, Symbols = [symbol], From = LakeQuery.StartOf(day), To = LakeQuery.StartOf(day.AddDays(1)) };
        using var events = new ReaderSource(LakeReader.Open(lake, ofDay, instruments, damage));
        using LakeDraft draft = lake.Create(key);
        // The day stands for the time of writing, so that the same events give the same bytes.
        var header = new CaptureHeader(Product.Name, key, LakeQuery.StartOf(day));
        long count;
        using (var writer = new CaptureWriter(draft.Path, instruments, header, texts: events.TextIds))
        {
            try
            {
                count = Recording.Convert(events, writer, progress);
                writer.Complete();
            }
            catch
            {
                writer.Dispose();
                File.Delete(writer.PartialPath);
                throw;
            }
        }

        long bytes = new FileInfo(draft.Path).Length;
        draft.Commit();
        ConversionReceipt.Of(source, [], options.Types, [key]).Write(lake);
        return new ConversionResult(key, [key], false, count, damage.Refused, source.Bytes, bytes, damage.First, null);
    }
}
