using System.Runtime.CompilerServices;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Risk;

public sealed class SeqLockTests
{
    private const int Words = 512;

    [Fact]
    public void AValueReadFromAnotherThreadIsWhole()
    {
        // Wide enough that a copy takes long, so that a reader which does not look twice is caught.
        var shared = new SeqLock<Wide>();
        bool done = false;
        int torn = 0;
        int reads = 0;
        var reader = new Thread(() =>
        {
            while (!Volatile.Read(ref done))
            {
                Wide read = shared.Read();
                reads++;
                for (int i = 1; i < Words; i++)
                {
                    if (read[i] != read[0])
                    {
                        torn++;
                        break;
                    }
                }
            }
        });
        reader.Start();
        Wide value = default;
        for (int n = 1; n <= 40_000 || (Volatile.Read(ref reads) < 1_000 && n < 4_000_000); n++)
        {
            ((Span<long>)value).Fill(n);
            shared.Write(value);
            if (n % 8 == 0)
                Thread.SpinWait(50); // room to read between two writes
        }

        Volatile.Write(ref done, true);
        reader.Join();
        Assert.Equal(0, torn);
        Assert.True(reads > 0);
    }

    [Fact]
    public void TheLastValueWrittenIsTheOneRead()
    {
        var shared = new SeqLock<long>();
        Assert.Equal(0, shared.Read());
        shared.Write(1);
        shared.Write(2);
        Assert.Equal(2, shared.Read());
    }

    [InlineArray(Words)]
    private struct Wide
    {
        private long _first;
    }
}
