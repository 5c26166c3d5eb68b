#Requires -Version 7.4

<#
.SYNOPSIS
    A tour of the module without an account: the real CLI with the local service, in a temporary folder.
.DESCRIPTION
    Requires the built module (./build.ps1) and the real CLI of tests/cli; './build.sh demo' provides both.
#>
[CmdletBinding()]
param(
    [ValidateSet('Release', 'Debug')]
    [string] $Configuration = 'Release'
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
$packages = Join-Path $root 'tests' 'cli' 'node_modules'
$system = $IsWindows ? 'win32' : ($IsMacOS ? 'darwin' : 'linux')
$processor = [System.Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture -eq 'Arm64' ? 'arm64' : 'x64'

# The latest CLI is a program for each platform; the previous one runs on Node.js.
$cliPath = (Join-Path $packages '@ampcode' "cli-$system-$processor" ($IsWindows ? 'amp.exe' : 'amp')), (Join-Path $packages 'amp-2026-05-04' 'dist' 'main.js') |
    Where-Object { Test-Path $_ } | Select-Object -First 1
if (-not $cliPath) {
    throw 'The real CLI is not installed. Run: npm ci --prefix tests/cli --ignore-scripts'
}

Import-Module (Join-Path $root 'out' 'Amp' 'Amp.psd1')

# Shows a command as you would type it and returns it, so that the script runs it in its own scope.
function Show-Step([string] $Title, [scriptblock] $Step) {
    $lines = $Step.ToString().Trim("`r", "`n", ' ') -split '\r?\n' -replace '^ {8}'
    @(
        ''
        "$($PSStyle.Foreground.BrightBlack)# $Title$($PSStyle.Reset)"
        "PS> $($PSStyle.Foreground.BrightYellow)$($lines -join "`n    ")$($PSStyle.Reset)"
    ) | Out-Host
    $Step
}

$demoHome = (New-Item -ItemType Directory (Join-Path ([System.IO.Path]::GetTempPath()) "amp-demo-$([guid]::NewGuid().ToString('N'))")).FullName
$project = (New-Item -ItemType Directory (Join-Path $demoHome 'project')).FullName
'# A small project' | Set-Content (Join-Path $project 'README.md')
'Get-ChildItem /srv | Compress-Archive -DestinationPath /backup/srv.zip' | Set-Content (Join-Path $project 'backup.ps1')

$serviceProgram = Join-Path $root 'src' 'Amp.LocalService' 'bin' $Configuration 'net8.0' ($IsWindows ? 'Amp.LocalService.exe' : 'Amp.LocalService')
$start = [System.Diagnostics.ProcessStartInfo]::new($serviceProgram)
$start.RedirectStandardOutput = $true
foreach ($argument in '--scenario', (Join-Path $PSScriptRoot 'scenarios' 'demo.json'), '--parent-process-id', "$PID") {
    $start.ArgumentList.Add($argument)
}

$service = [System.Diagnostics.Process]::Start($start)
$before = @{}
try {
    $settings = @{
        AMP_URL         = $service.StandardOutput.ReadLine()
        AMP_API_KEY     = 'local-service-takes-any-key'
        AMP_CLI_PATH    = $cliPath
        HOME            = $demoHome
        USERPROFILE     = $demoHome
        XDG_CONFIG_HOME = $null
        XDG_DATA_HOME   = $null
    }
    foreach ($name in $settings.Keys) {
        $before[$name] = [System.Environment]::GetEnvironmentVariable($name)
        [System.Environment]::SetEnvironmentVariable($name, $settings[$name])
    }

    Push-Location $project

    . (Show-Step 'The CLI that was found, and its features.' {
        Get-AmpCli
    }) | Out-Host
    . (Show-Step 'A run: each message appears when the CLI has written it.' {
        Invoke-AmpAgent 'Which files are in this folder?' | Tee-Object -Variable run
    }) | Out-Host
    . (Show-Step 'Messages are objects: which commands did the agent run?' {
        $run | Where-Object { $_ -is [Amp.AssistantMessage] -and $_.ToolUse } |
            ForEach-Object { [pscustomobject]@{ Tool = $_.ToolUse.Name; Command = $_.ToolUse.Command; Tokens = $_.Usage.OutputTokens } }
    }) | Out-Host
    . (Show-Step 'Continue the same thread, and get only the result.' {
        Invoke-AmpAgent 'What did I ask you first?' -ThreadId $run[0].ThreadId -ResultOnly
    }) | Out-Host
    . (Show-Step 'Ask about piped objects.' {
        Get-ChildItem | Invoke-AmpAgent 'Which of these is largest?' -ResultOnly
    }) | Out-Host
    . (Show-Step 'With -FailOnDenial, a denied call is an object and an error with a recommended action.' {
        Invoke-AmpAgent 'RUN:shell {"command":"git push"}END' -FailOnDenial -ErrorAction Continue -ErrorVariable failed 2>$null
        $failed | ForEach-Object { "$($_.FullyQualifiedErrorId): $($_.ErrorDetails.RecommendedAction)" }
    }) | Out-Host
    . (Show-Step 'Show what a run would start, without starting it.' {
        Invoke-AmpAgent 'Tidy up' -Label tour -WhatIf
    }) | Out-Host
    . (Show-Step 'Allow your function as the only tool.' {
        function Get-AppState([string] $Name) { "The app $Name has been hanging since 03:12." }
        $rules = (New-AmpPermission mcp__ps__Get_AppState Allow), (New-AmpPermission * Reject)
        Invoke-AmpAgent 'Which app hangs?' -Tool Get-AppState -Permission $rules -ResultOnly
    }) | Out-Host
    . (Show-Step 'Test rules for a call, before anything runs.' {
        Test-AmpPermission shell_command @{ command = 'git push' } -Permission (New-AmpPermission -ReadOnly) | Format-Table
    }) | Out-Host
    . (Show-Step 'The threads of this tour, and one of them as Markdown.' {
        Get-AmpThread | Format-Table
        Export-AmpThreadMarkdown $run[0].ThreadId
    }) | Out-Host
}
finally {
    Pop-Location
    foreach ($name in $before.Keys) {
        [System.Environment]::SetEnvironmentVariable($name, $before[$name] ?? [NullString]::Value)
    }

    $service.Kill()
    $service.WaitForExit()
    Remove-Item -Recurse -Force $demoHome
}
