using System.Text;
using Xunit;

namespace Crpbot.Codecs.Tests;

public class TextIdTableTests
{
    [Fact]
    public void AnIdIsFoundUnderItsNumber()
    {
        var table = new TextIdTable();
        long first = table.Add("5f9a-b"u8);
        long empty = table.Add(""u8);
        long third = table.Add("00123"u8);

        Assert.Equal("5f9a-b", Encoding.UTF8.GetString(table.Get(first)));
        Assert.Equal("", Encoding.UTF8.GetString(table.Get(empty)));
        Assert.Equal("00123", Encoding.UTF8.GetString(table.Get(third)));
        Assert.Equal([0L, 1L, 2L], [first, empty, third]);
    }

    [Theory]
    [InlineData(8, 4096)]
    [InlineData(1024, 200)]
    public void OldIdsAreOverwrittenAndNeverMixedUp(int entries, int bytes)
    {
        var random = new Random(1);
        var table = new TextIdTable(entries, bytes);
        var all = new List<string>();
        for (int i = 0; i < 5_000; i++)
        {
            string id = string.Concat(Enumerable.Range(0, random.Next(0, 60)).Select(_ => (char)random.Next('a', 'z')));
            Assert.Equal(i, table.Add(Encoding.UTF8.GetBytes(id)));
            all.Add(id);
            int kept = 0;
            for (int back = 0; back <= Math.Min(i, entries + 2); back++)
            {
                try
                {
                    Assert.Equal(all[i - back], Encoding.UTF8.GetString(table.Get(i - back)));
                    kept++;
                }
                catch (InvalidOperationException)
                {
                    break;
                }
            }

            Assert.True(kept >= 1 && kept <= entries);
        }
    }

    [Fact]
    public void AnUnknownNumberIsAnError()
    {
        var table = new TextIdTable(4);
        table.Add("a"u8);
        Assert.Throws<InvalidOperationException>(() => table.Get(1).Length);
        Assert.Throws<InvalidOperationException>(() => table.Get(-1).Length);
        table.Reset();
        Assert.Throws<InvalidOperationException>(() => table.Get(0).Length);
    }

    [Fact]
    public void AnIdBeyondTheLimitIsRefused() => Assert.Throws<ArgumentException>(() => new TextIdTable().Add(new byte[TextIdTable.LengthMax + 1]));
}
