import type { Driver } from "../../main/driver.ts";
import { Storage } from "../../main/storage/storage.ts";
import { Tftp } from "../../main/tftp.ts";
import type { DriverExport } from "./driver-export.ts";
import { exportOwn } from "./own-export.ts";
import { exportStorage } from "./storage/storage-export.ts";
import { exportTftp } from "./tftp-export.ts";

/**
 * The calls by which Jumpstarter's client class drives it.
 * @throws {TftpError} INVALID_OPTION if it cannot be exported.
 */
export function exportOf(driver: Driver): DriverExport {
  if (driver instanceof Tftp) return exportTftp(driver);
  if (driver instanceof Storage) return exportStorage(driver);
  return exportOwn(driver);
}
