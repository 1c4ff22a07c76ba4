using Crpbot.Engine;
using Xunit;

namespace Crpbot.Engine.Tests.Engine;

public class LaneTests
{
    [Fact]
    public void ItemsComeBackInOrderAcrossTheWrap()
    {
        var lane = new Lane<int>(4, singleThread: true, () => 0, CancellationToken.None);
        for (int i = 0; i < 100; i++)
        {
            lane.Claim() = i;
            lane.Commit();
            Assert.Equal(i, lane[i]);
            lane.Release(i + 1);
        }
    }

    [Fact]
    public void AFullLaneOnOneThreadIsADefectNotAHang()
    {
        var lane = new Lane<int>(2, singleThread: true, () => 0, CancellationToken.None);
        lane.Claim() = 1;
        lane.Commit();
        lane.Claim() = 2;
        lane.Commit();
        Assert.Throws<InvalidOperationException>(() => lane.Claim());
    }

    [Fact]
    public void AFullLaneWaitsForItsLastReader()
    {
        var lane = new Lane<long>(8, singleThread: false, () => 0, CancellationToken.None);
        const long Count = 20_000;
        long published = 0;
        var owner = new Thread(() =>
        {
            for (long i = 0; i < Count; i++)
            {
                lane.Claim() = i * 7;
                lane.Commit();
                Volatile.Write(ref published, i + 1);
            }
        });
        owner.Start();
        long wrong = 0;
        for (long read = 0; read < Count;)
        {
            if (read >= Volatile.Read(ref published))
            {
                Thread.Yield();
                continue;
            }

            if (lane[read] != read * 7)
                wrong++;
            lane.Release(++read);
        }

        owner.Join();
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void HaltingEndsAWait()
    {
        using var halt = new CancellationTokenSource();
        var lane = new Lane<int>(1, singleThread: false, () => 0, halt.Token);
        lane.Claim() = 1;
        lane.Commit();
        halt.Cancel();
        Assert.Throws<OperationCanceledException>(() => lane.Claim());
    }

    [Fact]
    public void ACapacityThatIsNoPowerOfTwoIsRefused() =>
        Assert.Throws<ArgumentException>(() => new Lane<int>(3, true, () => 0, CancellationToken.None));
}
