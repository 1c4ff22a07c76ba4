using System.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Crpbot.Messages;

namespace Crpbot.Codecs.Tests.Tardis;

/// <summary>A CSV read whole: its messages, and the reader's counts.</summary>
internal sealed record CsvEvents(List<MarketEvent[]> Messages, long Rows, long Refused, long Dropped, IReadOnlyList<RowDamage> Damage, TardisCsvType? Type)
{
    public IEnumerable<MarketEvent> Events => Messages.SelectMany(message => message);

    public static CsvEvents Read(string text, InstrumentTable? instruments = null, TardisCsvOptions? options = null, string name = "input") =>
        Read(Encoding.UTF8.GetBytes(text), instruments ?? new InstrumentTable(), new TextIdTable(), options, name);

    public static CsvEvents Read(byte[] bytes, InstrumentTable instruments, TextIdTable textIds, TardisCsvOptions? options = null, string name = "input")
    {
        using var reader = new TardisCsvReader(new MemoryStream(bytes), instruments, textIds, options, name);
        return ReadAll(reader);
    }

    public static CsvEvents ReadAll(TardisCsvReader reader)
    {
        var messages = new List<MarketEvent[]>();
        var buffer = new MarketEventBuffer();
        while (reader.ReadMessage(buffer))
        {
            messages.Add(buffer.Events.ToArray());
            buffer.Clear();
        }

        return new CsvEvents(messages, reader.Rows, reader.Refused, reader.Dropped, reader.Damage, reader.Type);
    }

    public static string Write(IEnumerable<MarketEvent> events, TardisCsvType type, InstrumentTable instruments, TextIdTable textIds, bool extended = false)
    {
        var stream = new MemoryStream();
        using (var writer = new TardisCsvWriter(stream, type, instruments, textIds, extended))
            writer.Write(events.ToArray());
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
