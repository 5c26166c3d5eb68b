<#
.SYNOPSIS
    Runs the code of help pages as a user would, and writes what each piece shows and what was wrong with it, between marks, to standard output.
.DESCRIPTION
    Several of these may work on one list: each page is done by the first that comes to it. Each page has a home, a project and a local
    service of its own. In a process of its own because an example may exit, changes the process's variables, and shows some things by the
    host alone, as the text of -WhatIf is.
#>
param(
    # JSON: the pages, each with a Name and its Examples (Number, Code).
    [Parameter(Mandatory)] [string] $Work,

    # Where those that work on the list tell each other which page they have taken.
    [Parameter(Mandatory)] [string] $Claims
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../Amp.TestSupport.psm1')
$layout = Get-AmpTestLayout
Import-Module $layout.Module
. (Join-Path $PSScriptRoot 'Pages.ps1')
$ProgressPreference = 'SilentlyContinue'
# A CLI of the developer's own must not be found.
$searchPath = ($env:PATH -split [System.IO.Path]::PathSeparator | Where-Object { $_ -and -not (Test-Path (Join-Path $_ 'amp')) }) -join [System.IO.Path]::PathSeparator
$scenario = Join-Path $PSScriptRoot 'scenario.json'

# What is known of the CLI is the same for all pages.
$cache = Join-Path ([System.IO.Path]::GetTempPath()) "amp-help-$([guid]::NewGuid().ToString('N'))"

# An address that refuses every connection: its port is taken, and nobody listens.
$deaf = [System.Net.Sockets.Socket]::new('InterNetwork', 'Stream', 'Tcp')
$deaf.Bind([System.Net.IPEndPoint]::new([ipaddress]::Loopback, 0))
$deafUrl = "http://127.0.0.1:$($deaf.LocalEndPoint.Port)/mcp"

# Somebody who types a token.
Set-Item function:Read-Host { [System.Net.NetworkCredential]::new('', 'token-of-nobody').SecurePassword }

function Open-Page([string] $Name) {
    $place = Open-AmpTestPlace
    foreach ($variable in $place.Environment.Keys) {
        Set-Item "env:$variable" $place.Environment[$variable]
    }

    $env:XDG_CACHE_HOME = $cache
    $service = Open-AmpLocalService $place -ScenarioFile $scenario
    $env:AMP_URL = $service.Url
    $env:AMP_API_KEY = 'local-key-0123456789'
    $env:AMP_CLI_PATH = $layout.MarchCli
    $env:AMP_TEST_PACKAGE = Split-Path (Split-Path $layout.MarchCli)
    $env:PATH = $PSScriptRoot + [System.IO.Path]::PathSeparator + $searchPath
    # What lies on GitHub lies here.
    $env:GIT_CONFIG_GLOBAL = Join-Path $place.Root 'gitconfig'
    Set-Content $env:GIT_CONFIG_GLOBAL "[url `"$($place.Root)/github/`"]`n  insteadOf = https://github.com/`n[user]`n  name = a`n  email = a@example.com"
    (Get-PSProvider FileSystem).Home = $place.UserHome
    Set-Location $place.Project
    '# A small project' | Set-Content README.md
    'Get-ChildItem /srv | Compress-Archive -DestinationPath /backup/srv.zip' | Set-Content backup.ps1
    $place
}

function Close-Page([pscustomobject] $Place) {
    Get-AmpSession | Remove-AmpSession -Confirm:$false -ErrorAction Ignore | Out-Null
    Set-Location $PSScriptRoot
    # The CLI's own leavings in the temporary folder are no matter of the examples.
    $left = @(Get-AmpTestLeftover $Place) -like 'process *'
    try {
        Close-AmpTestPlace $Place
    } catch {
        $null = $Error.Remove($_)
    }

    $left
}

# What a page speaks of, and what is there instead.
function Get-StandIn([pscustomobject] $Place) {
    [ordered]@{
        'https://tickets.example.com/mcp' = $deafUrl
        '192.0.2.7:443' = ([uri] $deafUrl).Authority
        '/opt/amp/main.js' = $layout.MarchCli
        '/opt/amp' = Join-Path $Place.Root 'opt/amp'
        '/srv/backup' = $Place.Project
        '/home/you' = $Place.UserHome
        'https://ampcode.com' = $env:AMP_URL
    }
}

function Write-Mark([string] $Kind, [object] $Value) {
    [Console]::Out.WriteLine("`u{1}$Kind $(ConvertTo-Json $Value -Compress -Depth 5)")
}

# In a scope of its own, with what the page's checks may want to look at.
function Invoke-Example([pscustomobject] $Page, [pscustomobject] $Example, [pscustomobject] $Place) {
    $problems = [System.Collections.Generic.List[string]]::new()
    $objects = [System.Collections.Generic.List[object]]::new()
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $code = $Example.Code
    $standIns = Get-StandIn $Place
    $standIns.GetEnumerator() | ForEach-Object { $code = $code.Replace($_.Key, $_.Value) }
    $check = $checks["$($Page.Name) $($Example.Number)"]
    if ($preparations["$($Page.Name) $($Example.Number)"]) {
        $null = & $preparations["$($Page.Name) $($Example.Number)"]
    }

    # As wide as the page has it: where the temporary folder has a longer name, lines with a path are longer too.
    $width = 110 + [Math]::Max(0, $Place.Project.Length - '/tmp/amp-0123456789ab/project'.Length)
    & {
        # As strict as a careful script: what a page reads of an object is there.
        Set-StrictMode -Version 3
        $ErrorActionPreference = 'Continue'
        $Error.Clear()
        try {
            . ([scriptblock]::Create($code)) 2>&1 3>&1 | ForEach-Object {
                if ($_ -is [System.Management.Automation.ErrorRecord]) {
                    $problems.Add("It wrote the error $($_.FullyQualifiedErrorId): $_")
                } elseif ($_ -is [System.Management.Automation.WarningRecord]) {
                    "WARNING: $_"
                } else {
                    $objects.Add($_)
                    $_
                }
            } | Out-String -Stream -Width $width | ForEach-Object { [Console]::Out.WriteLine($_) }
        } catch {
            $problems.Add("It threw: $_")
        }

        $watch.Stop()
        Set-StrictMode -Off
        if ($check) {
            try {
                foreach ($wrong in . $check) {
                    $problems.Add("Not true: $wrong")
                }
            } catch {
                $problems.Add("The check threw: $_ $($_.ScriptStackTrace)")
            }
        }
    }

    Write-Mark END @{ Problems = $problems; Seconds = $watch.Elapsed.TotalSeconds; StandIns = $standIns }
}

foreach ($page in Get-Content -Raw -LiteralPath $Work | ConvertFrom-Json) {
    try {
        [System.IO.File]::Open((Join-Path $Claims $page.Name), 'CreateNew').Dispose()
    } catch [System.IO.IOException] {
        continue
    }

    $place = Open-Page $page.Name
    Write-Mark PAGE @{ Name = $page.Name }
    try {
        if ($preparations[$page.Name]) {
            $null = & $preparations[$page.Name]
        }

        foreach ($example in $page.Examples) {
            Write-Mark BEGIN @{ Number = $example.Number }
            Invoke-Example $page $example $place
        }
    } finally {
        Write-Mark LEFT @{ Left = @(Close-Page $place) }
    }
}

$deaf.Dispose()
Remove-Item -LiteralPath $cache -Recurse -Force -ErrorAction Ignore
