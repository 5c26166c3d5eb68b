using System.Globalization;
using Amp.Attack;
using Amp.Attack.Gate;
using Amp.Attack.Paths;
using Amp.Attack.Requests;
using Amp.Attack.Settings;

// Amp.Attack [gate|settings|paths|requests]... [--count N] [--seed S] [--at I] [--run-one-in N] [--powershell PATH]: without a part all of them, without a
// seed a fresh one. --at repeats the attack of that number alone.
string[] known = ["gate", "settings", "paths", "requests"];
string[] parts = [.. args.TakeWhile(word => !word.StartsWith('-'))];
if (parts.FirstOrDefault(part => !known.Contains(part)) is string other)
{
    Console.Error.WriteLine($"There is no part '{other}'; the parts are {string.Join(", ", known)}.");
    return 2;
}

int seed = Number("--seed") ?? Random.Shared.Next();
int? at = Number("--at");
try
{
    foreach (string part in parts.Length > 0 ? parts : known)
    {
        int count = at is null ? Number("--count") ?? 10_000 : 1;
        Console.WriteLine(part switch
        {
            "gate" => GateAttack.Run(PowerShellPath(), seed, at ?? 0, count, Number("--run-one-in") ?? 1),
            "settings" => SettingsAttack.Run(seed, at ?? 0, count),
            "paths" => PathAttack.Run(seed, at ?? 0, count),
            _ => await RequestAttack.RunAsync(seed, at ?? 0, count),
        });
    }

    return 0;
}
catch (Exception failure) when (failure is AttackFailureException or InvalidOperationException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

int? Number(string name) => Value(name) is string text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

string? Value(string name)
{
    int place = Array.IndexOf(args, name);
    return place < 0 ? null : args[place + 1];
}

string PowerShellPath() => Value("--powershell") ?? (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
    .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh")).FirstOrDefault(File.Exists)
    ?? throw new InvalidOperationException("There is no 'pwsh' on PATH; name one with --powershell.");
