using BenchmarkDotNet.Running;

// dotnet run -c Release --project bench/Crpbot.Bench -- --filter '*Ring*'
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
