using System.Runtime.ExceptionServices;

namespace Crpbot.Datasets.Conversion;

/// <summary>Independent jobs on several threads; the error of one ends all and arrives as it was thrown.</summary>
internal static class ParallelJobs
{
    public static void Run(int jobs, int atOnce, Action<int, ParallelLoopState> job)
    {
        try
        {
            Parallel.For(0, jobs, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, job);
        }
        catch (AggregateException error)
        {
            ExceptionDispatchInfo.Throw(error.Flatten().InnerExceptions[0]);
        }
    }
}
